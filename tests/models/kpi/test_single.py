"""KPIs of which more than the name needs proof: what each counts, and when it is complete."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.models.kpi.conftest import Kpis
from tests.models.kpi.test_value import BASE, EVERY_DAY, MONTH, value


def line(**more: Any) -> dict[str, Any]:
    return {"month_start": MONTH, "pay_type": "postpaid", "area_id": "A1", "is_commercial": True} | more


def spend(kind: str, amount: float, **more: Any) -> dict[str, Any]:
    return line(movement_type=kind, monthly_amt=amount, is_mid_high=False) | more


def test_mid_and_high_end_lines_are_shared_out_over_active_ones(kpis: Kpis) -> None:
    used = line(active_days=3, is_closed=True)
    db = kpis({
        "value.spend_month": [
            spend("closing", 90, is_mid_high=True),
            spend("closing", 95, is_mid_high=True, is_commercial=False),
            spend("closing", 20),
        ],
        "mart_usage.subscriber_month": [used, used, {**used, "active_days": 0}, {**used, "pay_type": "prepaid"}],
    })  # fmt: skip

    assert value(db, "mid_high_subscribers") == (1, None, True)
    assert value(db, "mid_high_share")[:2] == (1, 3)
    assert value(db, "mid_high_share", "pay_type", "prepaid")[:2] == (0, 1)


def test_revenue_lost_is_what_churned_lines_brought_a_month(kpis: Kpis) -> None:
    left = [spend("churn", 40), spend("churn", 2.5, pay_type="prepaid"), spend("churn", 70, is_commercial=False)]
    db = kpis({"value.spend_month": [*left, spend("closing", 900)]})

    assert value(db, "revenue_lost_to_churn") == (Decimal("42.5"), None, True)
    assert value(db, "revenue_lost_to_churn", "pay_type", "prepaid")[0] == Decimal("2.5")


def test_margin_per_user_divides_by_average_lines_and_waits_for_bills_and_finance(kpis: Kpis) -> None:
    given: dict[str, Any] = {
        "mart_customer.subscriber_movement_month": BASE,
        "core.subscriber_day": EVERY_DAY,
        "value.unit_margin_month": [
            line(margin_amt=Decimal("70.5"), is_told=True),
            line(margin_amt=-10, pay_type="prepaid", is_told=True),
            line(margin_amt=999, is_commercial=False, is_told=True),
        ],
    }

    assert value(kpis(given), "average_margin_per_user") == (Decimal("60.5"), 3, True)
    assert value(kpis(given), "average_margin_per_user", "pay_type", "prepaid") == (-10, Decimal("2.5"), True)
    untold = [{**row, "is_told": False} for row in given["value.unit_margin_month"]]
    assert value(kpis({**given, "value.unit_margin_month": untold}), "average_margin_per_user")[2] is False


def test_collected_is_divided_by_billed(kpis: Kpis) -> None:
    bill = {"month_start": MONTH, "area_id": "A1", "is_commercial": True, "billed_amt": 50, "collected_amt": 30}
    db = kpis({"mart_revenue.collection_month": [
        bill, {**bill, "area_id": "A2", "collected_amt": 50}, {**bill, "is_commercial": False},
    ]})  # fmt: skip

    assert value(db, "collection_rate") == (80, 100, True)
    assert value(db, "collection_rate", "area", "A1") == (30, 50, True)


def test_the_interval_is_a_mean_over_intervals_not_over_lines(kpis: Kpis) -> None:
    db = kpis({"mart_revenue.recharge_gap_month": [
        line(gaps=1, gap_days=40, is_closed=True), line(gaps=4, gap_days=20, is_closed=True),
    ]})  # fmt: skip

    assert value(db, "recharge_interval") == (60, 5, True)


def test_costs_of_keeping_are_told_once_every_campaign_has_told_its_own(kpis: Kpis) -> None:
    campaign = {"month_start": MONTH, "offer_id": "CON-12", "cost_amt": 90, "retained_lines": 3}
    other = {**campaign, "offer_id": "CON-24", "cost_amt": 10, "retained_lines": 2}

    assert value(kpis({"retention.spend_month": [campaign, other]}), "subscriber_retention_cost") == (100, 5, True)
    db = kpis({"retention.spend_month": [campaign, {**other, "cost_amt": None}]})
    assert value(db, "subscriber_retention_cost") == (90, 5, False)
    assert value(db, "subscriber_retention_cost", "offer", "CON-12")[:2] == (90, 3)


def test_the_forecast_error_of_the_total_is_not_the_sum_of_those_of_its_cells(kpis: Kpis) -> None:
    over = line(forecast_amt=60, revenue_amt=50, bill_items=1, is_closed=True)
    under = {**over, "area_id": "A2", "forecast_amt": 41}
    unforeseen = {**over, "area_id": "A2", "forecast_amt": None, "revenue_amt": 7}
    db = kpis({"mart_revenue.forecast_month": [over, under, unforeseen]})

    assert value(db, "revenue_forecast_error", "area", "A1") == (10, 50, True)
    assert value(db, "revenue_forecast_error", "area", "A2") == (16, 57, True)
    assert value(db, "revenue_forecast_error") == (6, 107, True)


@pytest.mark.parametrize("missing", [{"bill_items": 0, "revenue_amt": 0}, {"forecast_amt": None}])
def test_an_error_without_bills_or_without_forecast_is_incomplete(kpis: Kpis, missing: dict[str, Any]) -> None:
    row = line(forecast_amt=60, revenue_amt=50, bill_items=1, is_closed=True) | missing

    assert value(kpis({"mart_revenue.forecast_month": [row]}), "revenue_forecast_error")[2] is False


def test_lines_warned_of_are_those_from_the_threshold_on(kpis: Kpis) -> None:
    db = kpis({"retention.risk_month": [line(is_warned=True), line(is_warned=True), line(is_warned=False)]})

    assert value(db, "warned_subscribers") == (2, None, True)


def test_precision_looks_at_the_riskiest_tenth_and_lift_holds_it_against_all(kpis: Kpis) -> None:
    judged = [
        *(line(is_top_decile=True, has_left=left) for left in (True, False)),
        *(line(is_top_decile=False, has_left=left) for left in (True, *[False] * 17)),
    ]
    db = kpis({"churn.judged_month": judged})

    assert value(db, "warning_precision") == (1, 2, True)
    assert value(db, "top_decile_lift") == (1 * 20, 2 * 2, True)
    found = db.execute("select value from kpi.board where kpi_id = 'top_decile_lift' and dimension_set = 'all'")
    assert found.fetchone() == (5,)


def test_a_month_without_a_model_has_no_value(kpis: Kpis) -> None:
    db = kpis({"churn.judged_month": [line(month_start=date(2026, 1, 1), is_top_decile=True, has_left=True)]})

    found = db.execute("select distinct period_start from kpi.value_month where kpi_id = 'warning_precision'")
    assert found.fetchall() == [(date(2026, 1, 1),)]
    assert db.execute("select count(*) from kpi.value_month where kpi_id = 'warned_subscribers'").fetchone() == (0,)


def test_renewed_contracts_are_divided_by_those_that_were_to_end(kpis: Kpis) -> None:
    db = kpis({"retention.renewal_month": [
        line(has_renewed=True), line(has_renewed=False), line(has_renewed=False, area_id="A2"),
    ]})  # fmt: skip

    assert value(db, "renewal_rate") == (1, 3, True)
    assert value(db, "renewal_rate", "area", "A1") == (1, 2, True)
