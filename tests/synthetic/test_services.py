"""Value-added services: who holds what, what is billed for it, and what happens to orders that nobody gave."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from pipelines.synthetic.settings import Settings
from pipelines.synthetic.systems import billing, care, catalogue, finance, provisioning
from pipelines.synthetic.world import World, simulate

FIRST, END = date(2026, 1, 1), date(2026, 4, 2)


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(Settings(4_000, (END - FIRST).days + 1, END, seed=2))


@pytest.fixture(scope="module")
def told(world: World) -> dict[str, pl.DataFrame]:
    parts: dict[str, list[pl.DataFrame]] = {}
    for day in world.settings.day_list:
        for system in (billing, care, catalogue, finance, provisioning):
            for name, frame in system.tables(world, day).items():
                parts.setdefault(name, []).append(frame)
    return {name: pl.concat(frames) for name, frames in parts.items() if name != "plan"}


@pytest.fixture(scope="module")
def held(told: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Services held, each in its last known state, with their fee in fen."""
    offers = told["offer_instance"].filter(offer_type="vas").unique("offer_instance_no", keep="last")
    listed = told["service"].unique("service_id")
    fees = listed.select(offer_id="service_id", fee=(pl.col("monthly_fee") * 100).cast(pl.Int64))
    return offers.join(fees, on="offer_id")


def test_every_service_held_is_in_the_catalogue_with_a_provider(told: dict[str, pl.DataFrame]) -> None:
    offers = set(told["offer_instance"].filter(offer_type="vas")["offer_id"])
    assert offers == set(told["service"]["service_id"])
    assert told["service"]["provider_id"].null_count() == 0
    assert told["offer_instance"].unique(["offer_instance_no", "user_id"])["offer_instance_no"].is_unique().all()


def test_a_bill_charges_the_fee_of_every_service_held_in_the_month(
    told: dict[str, pl.DataFrame], held: pl.DataFrame
) -> None:
    months = pl.DataFrame({"begins": [date(2026, month, 1) for month in (1, 2, 3)]}).with_columns(
        ends=pl.col("begins").dt.offset_by("1mo"), cycle=pl.col("begins").dt.strftime("%Y%m")
    )
    due = held.join(months, how="cross").filter(
        pl.col("valid_from") < pl.col("ends"), pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("begins"))
    )
    due = due.group_by("user_id", "cycle").agg(pl.col("fee").sum())
    items = told["bill_item"]
    postpaid = items.filter(item_code="fee").select("user_id", "cycle")
    expected = due.join(postpaid, on=["user_id", "cycle"])
    billed = items.filter(item_code="vas").select("user_id", "cycle", "amount_fen")
    assert expected.height == billed.height > 300
    assert (
        expected.join(billed, on=["user_id", "cycle"]).filter(pl.col("fee") == pl.col("amount_fen")).height
        == billed.height
    )


def test_the_ledger_books_what_is_billed_for_services(told: dict[str, pl.DataFrame]) -> None:
    booked = told["ledger_revenue"].filter(account_code="600105").select(cycle="month", amount_amt="amount_amt")
    billed = told["bill_item"].filter(item_code="vas").group_by("cycle").agg(pl.col("amount_fen").sum())
    both = booked.join(billed, on="cycle")
    assert both.height == 3
    assert ((both["amount_amt"] * 100).cast(pl.Int64) == both["amount_fen"]).all()


def test_providers_differ_in_how_many_never_ordered(world: World) -> None:
    orders = world.truth["service_order"].group_by("provider_id").agg(pl.col("is_wanted").mean(), pl.len())
    wanted = dict(orders.select("provider_id", "is_wanted").iter_rows())
    assert orders["len"].min() > 10
    assert wanted["SP1006"] < 0.6 < wanted["SP1005"] < wanted["SP1001"]


def test_who_did_not_order_complains_within_a_week_and_is_rid_of_it(
    world: World, told: dict[str, pl.DataFrame]
) -> None:
    truth = world.truth["service_order"]
    complained = truth.drop_nulls("complained_at")
    tickets = told["ticket"].filter(type="product", reason_group="vas").unique("ticket_no", keep="last")
    both = tickets.drop_nulls("user_id").join(
        complained, left_on=["user_id", "opened_at"], right_on=["user_id", "complained_at"]
    )
    wait = complained["complained_at"] - complained["ordered_at"]
    offers = told["offer_instance"].unique("offer_instance_no", keep="last").join(complained, on="offer_instance_no")
    known = offers.filter(pl.col("complained_at") < datetime(2026, 3, 28))
    assert tickets.height == complained.height > 20
    assert both.height == tickets["user_id"].count()
    assert wait.min() > timedelta(0) and wait.max() <= timedelta(days=7)
    assert not complained["is_wanted"].any()
    assert (known["valid_to"] - known["complained_at"] < timedelta(days=3)).all()
    closed = both.drop_nulls("result")
    assert closed.height > 20 and ((closed["result"] == "resolved") == closed["is_refunded"]).all()


def test_refunds_give_back_the_fee_with_tax_once_per_billed_month(
    world: World, told: dict[str, pl.DataFrame], held: pl.DataFrame
) -> None:
    refunds = told["adjustment"].filter(reason="vas_refund")
    refunded = world.truth["service_order"].filter("is_refunded")
    due = refunds.join(refunded.join(held.select("offer_instance_no", "fee"), on="offer_instance_no"), on="user_id")
    exact = due.filter(
        (pl.col("amount_amt") * -100).cast(pl.Int64) == pl.col("fee") + (pl.col("fee") * 6 + 50) // 100,
        pl.col("posted_at") > pl.col("complained_at"),
    )
    billed = told["bill_item"].filter(item_code="vas").select("user_id", "issued_on", orig_cycle="cycle")
    after = refunds.join(billed, on=["user_id", "orig_cycle"])
    may = refunded.filter(pl.col("complained_at") < datetime(2026, 3, 1))
    assert refunds.height > 15
    assert exact["adjustment_no"].n_unique() == refunds.height == after.height
    assert (after["posted_at"].dt.date() > after["issued_on"]).all()
    assert may.join(refunds, on="user_id", how="anti").height <= 0.1 * may.height  # whose plan changed to prepaid
