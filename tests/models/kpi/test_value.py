"""KPI values are what the registry says, in every cell, and honest about what is missing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.kpi.registry import registry
from models.kpi.value import tables
from pipelines.engine.narrow import Span, narrowed
from tests.models.kpi.conftest import Kpis, declared_tables

MONTH = date(2026, 2, 1)
FEBRUARY = [MONTH + timedelta(days=n) for n in range(28)]


def movement(kind: str, key: int, count: int = 1, **more: Any) -> dict[str, Any]:
    row = {"month_start": MONTH, "movement_type": kind, "subscription_key": key, "subscriptions": count}
    known = {"is_commercial": True, "is_opening_known": True, "is_closed": True, "pay_type": "prepaid"}
    return row | known | {"days_in_month": 28, "days_in_year": 365} | more


BASE = [
    *(movement("opening", key, is_in_opening_base=True) for key in (1, 2, 3)),
    movement("churn", 1, -1, is_in_opening_base=True, churn_type="voluntary"),
    movement("migration_out", 2, -1),
    movement("migration_in", 2, pay_type="postpaid"),
    movement("gross_add", 4),
    movement("gross_add", 5),
    movement("churn", 5, -1, is_in_opening_base=False, churn_type="involuntary"),
    movement("closing", 2, pay_type="postpaid"),
    movement("closing", 3),
    movement("closing", 4),
]
EVERY_DAY = [{"day": day, "subscription_key": 1, "is_in_network": True, "is_commercial": True} for day in FEBRUARY]
DAYS_USED = [
    {
        "day": day, "subscription_key": 1, "is_commercial": True, "pay_type": "prepaid", "voice_events": 1,
        "sms_events": 0, "data_events": 1, "billed_minutes": 2, "data_bytes": 2**30,
    }
    for day in FEBRUARY
]  # fmt: skip


def value(connection: Any, kpi_id: str, dimension_set: str = "all", cell: str = "") -> tuple[Any, ...]:
    found = connection.execute(
        """select numerator, denominator, is_complete from kpi.value_month
        where kpi_id = ? and dimension_set = ? and dimension_1 = ? and period_start = ?""",
        [kpi_id, dimension_set, cell, MONTH],
    ).fetchall()
    assert len(found) == 1, f"{kpi_id} has {len(found)} values"
    return found[0]


def test_the_three_churn_rates_divide_by_three_bases(kpis: Kpis) -> None:
    db = kpis({"mart_customer.subscriber_movement_month": BASE, "core.subscriber_day": EVERY_DAY})

    assert value(db, "churn_rate") == (2, 3, True)
    assert value(db, "churn_rate_normalised") == (2 * 365, 12 * 28 * 3, True)
    assert value(db, "churn_rate_opening") == (1, 3, True)
    assert value(db, "voluntary_churn_rate")[0] + value(db, "involuntary_churn_rate")[0] == 2


def test_net_adds_by_difference_equal_net_adds_by_movement_in_every_cell(kpis: Kpis) -> None:
    db = kpis({"mart_customer.subscriber_movement_month": BASE, "core.subscriber_day": EVERY_DAY})

    assert value(db, "net_adds", "pay_type", "prepaid")[0] == -1
    assert value(db, "net_adds", "pay_type", "postpaid")[0] == 1
    unequal = db.execute("select count(*), count(*) filter (where amount <> equals_amount) from kpi.identity_month")
    assert unequal.fetchone() == (len(registry().sets_of(registry().kpis["net_adds"])) + 2, 0)


def test_a_line_outside_the_population_is_in_no_number(kpis: Kpis) -> None:
    db = kpis({"mart_customer.subscriber_movement_month": [*BASE, movement("closing", 9, is_commercial=False)]})

    assert value(db, "closing_subscribers")[0] == 3


def test_a_quotient_of_two_sources_keeps_both_parts(kpis: Kpis) -> None:
    db = kpis({
        "mart_customer.subscriber_movement_month": BASE,
        "core.subscriber_day": EVERY_DAY,
        "mart_revenue.subscriber_month": [
            {"month_start": MONTH, "subscription_key": 2, "is_commercial": True, "pay_type": "postpaid",
             "bill_items": 1, "revenue_amt": Decimal("46.05"), "is_closed": True},
        ],
    })  # fmt: skip

    assert value(db, "arpu") == (Decimal("46.05"), 3, True)
    assert value(db, "arpu", "pay_type", "prepaid") == (0, Decimal("2.5"), False)


def test_a_month_is_complete_only_when_it_is_over_and_its_deliveries_were_there(kpis: Kpis) -> None:
    open_month = [{**row, "is_closed": False} for row in BASE]
    without_bill = [
        {"month_start": MONTH, "is_commercial": True, "bill_items": 0, "recharge_amt": 5, "is_closed": True}
    ]
    used = [{"month_start": MONTH, "is_commercial": True, "billed_minutes": 56, "active_days": 28, "is_closed": True}]

    db = kpis({"mart_customer.subscriber_movement_month": open_month, "core.subscriber_day": EVERY_DAY})
    assert value(db, "closing_subscribers") == (3, None, False)

    db = kpis({"mart_revenue.subscriber_month": without_bill})
    assert value(db, "service_revenue")[2] is False
    assert value(db, "recharge_value") == (5, None, True)

    whole = kpis({"mart_usage.subscriber_month": used, "mart_usage.subscriber_day": DAYS_USED})
    assert value(whole, "billed_minutes") == (56, None, True)
    one_day_missing = kpis({"mart_usage.subscriber_month": used, "mart_usage.subscriber_day": DAYS_USED[1:]})
    assert value(one_day_missing, "billed_minutes") == (56, None, False)


def test_a_day_without_a_delivery_is_incomplete(kpis: Kpis) -> None:
    db = kpis({"mart_usage.subscriber_day": [{**DAYS_USED[0], "voice_events": 0}]})

    found = db.execute("select kpi_id, is_complete from kpi.value_day where dimension_set = 'all'").fetchall()
    assert dict(found) | {"data_volume_gb": True, "billed_minutes": False, "active_subscribers": False} == dict(found)


def test_events_counted_by_day_add_up_to_the_month(kpis: Kpis) -> None:
    ported = [{**row, "is_port_in": row["day"] == MONTH, "is_port_out": row["day"].day < 3} for row in EVERY_DAY]

    assert value(kpis({"core.subscriber_day": ported}), "net_port_balance") == (-1, None, True)
    assert value(kpis({"core.subscriber_day": ported[:-1]}), "net_port_balance") == (-1, None, False)


def test_the_cells_of_a_set_add_up_to_the_total_of_an_additive_kpi(kpis: Kpis) -> None:
    db = kpis({"mart_customer.subscriber_movement_month": BASE})

    sums = db.execute(
        "select dimension_set, sum(numerator) from kpi.value_month where kpi_id = 'gross_adds' group by all"
    ).fetchall()
    assert {total for _, total in sums} == {2}
    assert len(sums) == len(registry().sets_of(registry().kpis["gross_adds"]))


def test_every_kpi_has_a_value_where_its_source_has_rows(kpis: Kpis) -> None:
    closed = {
        "month_start": MONTH,
        "is_commercial": True,
        "is_closed": True,
        "is_in_network": True,
        "lines_in_network": 1,
    }
    given = {"core.subscriber_day": EVERY_DAY, "mart_usage.subscriber_day": DAYS_USED}
    given |= {"mart_customer.subscriber_movement_month": BASE}
    given |= {"mart_service.queue_interval": [{"interval_on": MONTH, "queue_name": "general", "offered": 1}]}
    given |= {"mart_mobility.enquirer_day": [{"day": MONTH, "is_commercial": True}]}
    types = declared_tables()
    for name, source in registry().sources.items():
        if name not in given:
            columns = types[name].header.columns
            given[name] = [{key: found for key, found in closed.items() if key in columns}]
            assert source.period_type == "month"
    db = kpis(given)

    for period in ("day", "month"):
        found = {row[0] for row in db.execute(f"select distinct kpi_id from kpi.value_{period}").fetchall()}
        assert found == {kpi.id for kpi in registry().kpis.values() if period in kpi.period_types}


def test_the_query_narrowed_to_a_month_gives_the_same_rows(kpis: Kpis) -> None:
    db = kpis({
        "mart_customer.subscriber_movement_month": [*BASE, movement("closing", 7, month_start=date(2026, 1, 1))],
        "core.subscriber_day": EVERY_DAY,
        "mart_usage.subscriber_day": DAYS_USED,
    })  # fmt: skip
    known = declared_tables()
    for name, header, _ in tables():
        if header.get("refresh") in ("day", "month"):
            query = narrowed(known[name], known, Span(MONTH, date(2026, 2, 28)))
            whole = f"select * from {name} where period_start between '{MONTH}' and '2026-02-28'"
            assert db.execute(f"select count(*) from (({query}) except all ({whole}))").fetchone() == (0,)
            assert db.execute(f"select count(*) from (({whole}) except all ({query}))").fetchone() == (0,)
