"""What people read: quotients, comparisons with earlier periods, and the board of a layer."""

from datetime import date, timedelta
from typing import Any

from models.kpi.board import board
from tests.models.kpi.conftest import Kpis
from tests.models.kpi.test_value import BASE, EVERY_DAY, MONTH


def compared(connection: Any, kpi_id: str, period_start: date, *columns: str) -> tuple[Any, ...]:
    return connection.execute(
        f"""select {", ".join(columns)} from kpi.comparison
        where kpi_id = ? and period_start = ? and dimension_set = 'all'""",
        [kpi_id, period_start],
    ).fetchone()


def used(day: date, minutes: int) -> dict[str, Any]:
    return {
        "day": day, "subscription_key": minutes, "is_commercial": True, "voice_events": 1, "sms_events": 0,
        "data_events": 1, "billed_minutes": minutes, "data_bytes": 1,
    }  # fmt: skip


def test_an_additive_kpi_is_compared_with_yesterday_last_month_and_last_year_and_summed_to_date(kpis: Kpis) -> None:
    days = {date(2025, 3, 31): 5, date(2026, 2, 28): 8, date(2026, 3, 30): 10, date(2026, 3, 31): 12}
    db = kpis({"mart_usage.subscriber_day": [used(day, minutes) for day, minutes in days.items()]})

    columns = ("value", "previous_value", "previous_change", "last_month_value", "year_ago_value", "to_date_value")
    assert compared(db, "billed_minutes", date(2026, 3, 31), *columns) == (12, 10, 2, 8, 5, 22)
    assert compared(db, "billed_minutes", date(2026, 3, 31), "previous_change_share", "year_ago_change_share") == (
        0.2,
        1.4,
    )


def test_a_missing_day_is_compared_with_nothing_rather_than_with_its_neighbour(kpis: Kpis) -> None:
    db = kpis({"mart_usage.subscriber_day": [used(MONTH, 5), used(MONTH + timedelta(days=2), 8)]})

    assert compared(db, "billed_minutes", MONTH + timedelta(days=2), "previous_value", "is_comparable") == (None, False)


def test_a_stock_keeps_its_last_value_and_distinct_counts_have_none_to_date(kpis: Kpis) -> None:
    db = kpis({"core.subscriber_day": EVERY_DAY[:2], "mart_usage.subscriber_day": [used(MONTH, 5)]})

    assert compared(db, "closing_subscribers", MONTH + timedelta(days=1), "to_date_value") == (1,)
    assert compared(db, "active_subscribers", MONTH, "value", "to_date_value") == (1, None)


def test_a_quotient_to_date_is_the_quotient_of_sums(kpis: Kpis) -> None:
    january = [{**row, "month_start": date(2026, 1, 1)} for row in BASE if row["movement_type"] != "churn"]
    db = kpis({"mart_customer.subscriber_movement_month": [*january, *BASE]})

    assert compared(db, "churn_rate", MONTH, "value", "previous_value", "to_date_value") == (2 / 3, 0, 2 / 6)
    assert compared(db, "churn_rate_opening", MONTH, "to_date_value") == (None,)


def test_cells_have_a_share_of_the_total_and_a_rank_by_direction(kpis: Kpis) -> None:
    db = kpis({"mart_customer.subscriber_movement_month": BASE})

    found = db.execute(
        """select kpi_id, dimension_1, round(total_share, 4), best_rank from kpi.comparison
        where kpi_id in ('closing_subscribers', 'churned_subscribers') and dimension_set = 'pay_type' order by all"""
    ).fetchall()
    assert found == [
        ("churned_subscribers", "postpaid", 0, 1),
        ("churned_subscribers", "prepaid", 1, 2),
        ("closing_subscribers", "postpaid", 0.3333, 2),
        ("closing_subscribers", "prepaid", 0.6667, 1),
    ]


def test_a_value_outside_the_bounds_of_its_definition_is_marked(kpis: Kpis) -> None:
    db = kpis({"mart_customer.subscriber_movement_month": [row for row in BASE if row["movement_type"] != "opening"]})

    found = "select value, is_plausible from kpi.board where kpi_id = ? and dimension_set = 'all'"
    assert db.execute(found, ["churn_rate"]).fetchone() == (2 / 1.5, False)
    assert db.execute(found, ["churn_rate_opening"]).fetchone() == (None, None)


def test_the_board_shows_each_kpi_of_the_layer_once_per_period_type(kpis: Kpis) -> None:
    db = kpis({"mart_customer.subscriber_movement_month": BASE, "core.subscriber_day": EVERY_DAY})

    company = board(db, "company", date(2026, 2, 28))
    closing = (
        company.filter(company["name_en"] == "Closing subscribers").select("period", "value", "is_complete").rows()
    )
    assert closing == [("day", 1.0, True), ("month", 3.0, True)]
    assert "Opening subscribers" not in company["name_en"]


def test_the_board_shows_last_month_while_the_open_month_is_incomplete(kpis: Kpis) -> None:
    march = [{**row, "month_start": date(2026, 3, 1), "is_closed": False} for row in BASE]
    db = kpis({"mart_customer.subscriber_movement_month": [*BASE, *march], "core.subscriber_day": EVERY_DAY})

    shown = board(db, "company", date(2026, 3, 5))
    assert shown.filter(shown["name_en"] == "Monthly churn rate")["period_start"].to_list() == [MONTH]
