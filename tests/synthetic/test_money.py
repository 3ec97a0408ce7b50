"""Money of the synthetic operator: what was rated is what is billed, taken from balances and booked."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from pipelines.synthetic.money import Books, books
from pipelines.synthetic.payers import Payers, suspensions
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.systems import billing, charging, device, finance, mediation, payments, settlement
from pipelines.synthetic.world import World, simulate

COLUMNS = {
    "bill_item": "acct_no user_id cycle item_code amount_fen discount_fen tax_fen issued_on due_on",
    "adjustment": "adjustment_no acct_no user_id orig_cycle posted_at amount_amt reason",
    "bad_debt": "acct_no cycle amount_amt written_off_on",
    "payment": "payment_no acct_no paid_at method channel amount cycle reversal_of outlet_id",
    "recharge": "recharge_no user_id msisdn recharged_at amount method channel voucher_no reversal_of outlet_id",
    "balance": "user_id day balance",
    "interconnect": "month operator direction service minutes amount_amt settled_on",
    "ledger_revenue": "month account_code amount_amt posted_on",
    "service_cost": "month service cost_amt posted_on",
    "subsidy": "month plan_id subsidy_amt posted_on",
}
SYSTEMS = (settlement, finance, payments, billing, charging, mediation)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(subscribers=600, days=92, end=date(2026, 4, 2)))


@pytest.fixture(scope="module")
def told(world: World) -> dict[str, pl.DataFrame]:
    """Everything delivered from 1 January to 2 April; `charged` are the records' charges by line and day."""
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in (*COLUMNS, "charged", "exchanged")}
    for day in world.settings.day_list:
        tables = {name: frame for system in SYSTEMS for name, frame in system.tables(world, day).items()}
        cdr, data = tables.pop("cdr"), tables.pop("data_record")
        for name, frame in tables.items():
            parts[name].append(frame)
        parts["charged"].append(charged(world, day, cdr, data))
        outside = pl.col("other_operator").is_in(["unicom", "telecom", "fixed"])
        seconds = cdr.filter(outside & (pl.col("service_type") == "voice")).group_by("direction", "other_operator")
        parts["exchanged"].append(seconds.agg(pl.sum("duration_s")).with_columns(day=pl.lit(day)))
    return {name: pl.concat(frames) for name, frames in parts.items()}


def charged(world: World, day: date, cdr: pl.DataFrame, data: pl.DataFrame) -> pl.DataFrame:
    item = pl.when(pl.col("roam_type") == "international").then(pl.lit("roaming"))
    records = pl.concat(
        [
            cdr.select("served_msisdn", "charge_amt", item=item.otherwise("service_type")),
            data.select("served_msisdn", "charge_amt", item=item.otherwise(pl.lit("data"))),
        ]
    )
    lines = world.on(day).select("msisdn", "line", "plan").join(world.plans.select("plan", "pay_type"), on="plan")
    users = lines.join(world.lines.select("line", "user_id"), on="line")
    return (
        records.join(users, left_on="served_msisdn", right_on="msisdn")
        .group_by("user_id", "pay_type", "item")
        .agg(pl.sum("charge_amt"))
        .with_columns(day=pl.lit(day), cycle=pl.lit(f"{day:%Y%m}"))
    )


def half_up(amount: pl.Expr) -> pl.Expr:
    """Whole fen of an amount in yuan with six decimals."""
    micro = (amount.cast(pl.Float64) * 1e6).round().cast(pl.Int64)
    return (micro + 5000) // 10_000


@pytest.mark.parametrize("table", COLUMNS)
def test_columns_are_those_of_the_sources(told, table):
    assert told[table].columns == COLUMNS[table].split()


def test_bills_are_the_rated_charges_to_the_fen_but_for_the_errors_of_the_truth(world, told):
    rated = told["charged"].filter(pl.col("pay_type") == "postpaid", pl.col("cycle") < "202604")
    expected = rated.group_by("user_id", "cycle", item_code=pl.col("item")).agg(fen=half_up(pl.sum("charge_amt")))
    expected = expected.filter(pl.col("fen") > 0)
    billed = told["bill_item"].filter(~pl.col("item_code").is_in(["fee", "vas"]))
    both = expected.join(billed, on=["user_id", "cycle", "item_code"], how="left")
    assert both["amount_fen"].count() == billed.height > 100
    wrong = both.filter(pl.col("fen") != pl.col("amount_fen").fill_null(0)).select(
        "user_id", "cycle", "item_code", "fen", pl.col("amount_fen").fill_null(0)
    )
    errors = pl.concat(books(world).bills.errors).select(
        "user_id", "cycle", "item_code",
        *((pl.col(name) * 100).cast(pl.Int64) for name in ("rated_amt", "billed_amt")),
    )  # fmt: skip
    assert sorted(wrong.rows()) == sorted(errors.rows()) != []


def test_a_month_on_one_plan_costs_its_fee(world, told):
    whole = world.spells.filter(pl.col("from_at") < pl.date(2026, 1, 1), pl.col("to_at") > pl.date(2026, 4, 1))
    fees = whole.join(world.plans, on="plan").filter(pl.col("pay_type") == "postpaid")
    fees = fees.join(world.lines.select("line", "user_id"), on="line")
    bills = told["bill_item"].filter(pl.col("item_code") == "fee").join(fees, on="user_id")
    assert bills.height == 3 * fees.height > 100
    assert (bills["amount_fen"] == (bills["monthly_fee"] * 100).cast(pl.Int64)).all()


def test_who_leaves_within_a_month_still_gets_its_bill(world, told):
    gone = world.lines.filter(pl.col("terminated_at").is_between(pl.date(2026, 2, 2), pl.date(2026, 2, 27)))
    gone = gone.join(world.spells.unique("line", keep="last").select("line", "plan"), on="line")
    gone = gone.join(world.plans.select("plan", pay_now="pay_type"), on="plan").filter(pl.col("pay_now") == "postpaid")
    bills = told["bill_item"].filter(pl.col("cycle") == "202602", pl.col("item_code") == "fee")
    assert gone.height > 0
    assert gone.join(bills, on="user_id", how="anti").is_empty()
    assert told["bill_item"].filter(pl.col("cycle") == "202603").join(gone, on="user_id").is_empty()


def test_tax_is_six_percent_of_what_is_left_after_the_discount(told):
    bills = told["bill_item"]
    assert (bills["tax_fen"] == ((bills["amount_fen"] - bills["discount_fen"]) * 6 + 50) // 100).all()
    assert (bills["discount_fen"] > 0).any()


def test_a_bill_is_paid_once_or_not_at_all(told):
    due = (
        told["bill_item"]
        .group_by("acct_no", "cycle")
        .agg(fen=pl.sum("amount_fen") - pl.sum("discount_fen") + pl.sum("tax_fen"))
    )
    paid = told["payment"].group_by("acct_no", "cycle").agg((pl.sum("amount") * 100).cast(pl.Int64).alias("paid"))
    both = paid.join(due, on=["acct_no", "cycle"], how="left")
    assert both.select((pl.col("paid") == pl.col("fen")) | (pl.col("paid") == 0)).to_series().all()
    assert 0.5 < (both["paid"] > 0).sum() / due.height < 1


def test_reversals_undo_an_earlier_payment_or_recharge(told):
    for table, number in (("payment", "payment_no"), ("recharge", "recharge_no")):
        undone = told[table].drop_nulls("reversal_of")
        pairs = undone.join(told[table], left_on="reversal_of", right_on=number, suffix="_first")
        assert pairs.height == undone.height
        assert (pairs["amount"] == -pairs["amount_first"]).all()
        assert told[table][number].is_unique().all()
    assert told["payment"]["reversal_of"].drop_nulls().len() > 0


def test_balance_is_yesterdays_plus_recharges_less_charges_and_fee(world, told):
    used = told["charged"].filter(pay_type="prepaid").group_by("user_id", "day").agg(pl.sum("charge_amt"))
    filled = told["recharge"].group_by("user_id", day=pl.col("recharged_at").dt.date()).agg(pl.sum("amount"))
    plans = world.plans.select("plan", "monthly_fee")
    first = pl.concat(
        [
            world.on(day).join(plans, on="plan").select("line", "monthly_fee", day=pl.lit(day))
            for day in world.settings.day_list
            if day.day == 1
        ]
    ).join(world.lines.select("line", "user_id"), on="line")
    balances = told["balance"].sort("user_id", "day").with_columns(before=pl.col("balance").shift(1).over("user_id"))
    days = balances.drop_nulls("before").join(used, on=["user_id", "day"], how="left")
    days = days.join(filled, on=["user_id", "day"], how="left").join(first, on=["user_id", "day"], how="left")
    gap = (
        (pl.col("balance") - pl.col("before") - pl.col("amount").fill_null(0) + pl.col("monthly_fee").fill_null(0))
        * 100
    ).cast(pl.Int64) + half_up(pl.col("charge_amt").fill_null(0))
    assert days.height > 10_000
    assert days.filter(gap != 0).is_empty()


def test_a_new_prepaid_line_is_filled_on_its_first_day(world, told):
    new = world.lines.filter(
        pl.col("activated_at").is_between(pl.date(2026, 1, 5), pl.date(2026, 3, 30)), pl.col("pay_type") == "prepaid"
    )
    filled = told["recharge"].select("user_id", day=pl.col("recharged_at").dt.date())
    first = new.select("user_id", day=pl.col("activated_at").dt.date())
    assert first.join(filled, on=["user_id", "day"], how="anti").is_empty()


def test_vouchers_belong_to_voucher_recharges(told):
    rows = told["recharge"]
    assert (rows["voucher_no"].is_not_null() == (rows["method"] == "voucher")).all()


def test_adjustments_name_a_billed_line_and_cycle(told):
    rows = told["adjustment"]
    assert rows.height > 0
    bills = told["bill_item"].select("user_id", orig_cycle="cycle").unique()
    assert rows.join(bills, on=["user_id", "orig_cycle"], how="anti").is_empty()


def test_the_ledger_is_what_was_billed_and_what_prepaid_lines_used(told):
    prepaid = told["charged"].filter(pay_type="prepaid")
    for account, item in (("600102", "voice"), ("600103", "sms"), ("600104", "data"), ("600106", "roaming")):
        for cycle in ("202601", "202602", "202603"):
            billed = told["bill_item"].filter(cycle=cycle, item_code=item)["amount_fen"].sum()
            taken = prepaid.filter(cycle=cycle, item=item).select(half_up(pl.sum("charge_amt"))).item()
            booked = told["ledger_revenue"].filter(month=cycle, account_code=account)["amount_amt"].item()
            assert booked == Decimal(billed + taken) / 100


def test_settled_minutes_are_the_seconds_exchanged(told):
    months = told["exchanged"].with_columns(month=pl.col("day").dt.strftime("%Y%m")).filter(pl.col("month") < "202604")
    seconds = months.group_by("month", "direction", operator="other_operator").agg(pl.sum("duration_s"))
    seconds = seconds.with_columns(pl.col("direction").replace_strict({"mo": "out", "mt": "in"}))
    settled = told["interconnect"].filter(service="voice").join(seconds, on=["month", "direction", "operator"])
    assert settled.height == 18
    assert ((settled["minutes"].cast(pl.Float64) - settled["duration_s"] / 60).abs() <= 0.005 + 1e-9).all()


def test_monthly_tables_come_on_the_first_of_a_month_only(told):
    assert told["bill_item"]["issued_on"].unique().sort().to_list() == [date(2026, m, 1) for m in (2, 3, 4)]
    assert told["ledger_revenue"]["posted_on"].n_unique() == 3


def test_the_books_do_not_go_back(world):
    books = Books(world)
    books.day(world.settings.first_day + timedelta(days=1))
    with pytest.raises(ValueError, match="closed"):
        books.day(world.settings.first_day)


def test_who_is_suspended_for_arrears_pays_when_service_resumes_or_never(world, told):
    after_due = pl.col("suspended_on").is_between(date(2026, 2, 25), date(2026, 3, 28))
    found = suspensions(world).filter(after_due).unique("acct_no", keep="first", maintain_order=True)
    due = told["bill_item"].filter(cycle="202601").join(found, on="acct_no").unique("acct_no")
    paid = told["payment"].filter(pl.col("cycle") == "202601", pl.col("reversal_of").is_null())
    both = due.join(paid, on="acct_no", how="left").with_columns(pl.col("paid_at").dt.date())
    ended = both.filter(pl.col("resumed_on").fill_null(date(2026, 1, 1)) < date(2026, 4, 1))
    assert ended.height > 0
    assert ended.select(pl.col("paid_at").eq_missing(pl.col("resumed_on"))).to_series().all()


def test_unpaid_bills_are_written_off_after_half_a_year(world):
    payers = Payers(world)
    bill = {"acct_no": ["A1"], "cycle": ["202601"], "amount_fen": [1234], "payer_risk": [1e9]}
    payers.owe(date(2026, 2, 1), pl.DataFrame(bill))
    assert payers.bad_debt(date(2026, 7, 1)).is_empty()
    assert payers.bad_debt(date(2026, 8, 1)).row(0) == ("A1", "202601", Decimal("12.34"), date(2026, 8, 1))


def test_subsidies_are_those_of_the_handsets_sold_to_lines(world, told):
    days = [day for day in world.settings.day_list if day < date(2026, 4, 1)]
    sales = pl.concat(device.tables(world, day)["handset_sale"] for day in days).drop_nulls("user_id")
    assert told["subsidy"]["subsidy_amt"].sum() == sales["subsidy_amt"].sum() > 0
