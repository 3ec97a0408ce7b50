"""Two sides are compared per period and dimension; the rows say by how much they differ and what to do."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from quality.reconciliation import Compared, Reconciliation, load_checks, reconcile

CHECK = Reconciliation(
    check_id="usage_is_billed",
    period="month",
    left="select month_start as period_start, service_type as dimension, rated_amt as value from rated",
    right="select month_start as period_start, service_type as dimension, billed_amt as value from billed",
    tolerance=Decimal("0.20"),
    target=Decimal("0.01"),
    what_to_do="Ask billing.",
)


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute("create table rated (month_start date, service_type varchar, rated_amt decimal(18, 6))")
    db.execute("create table billed (month_start date, service_type varchar, billed_amt decimal(18, 2))")
    return db


def compare(db: duckdb.DuckDBPyConnection, night: str = "2026-02-01", check: Reconciliation = CHECK) -> list[Compared]:
    day = date.fromisoformat(night)
    return reconcile(db, [check], from_day=day, to_day=day)


@pytest.mark.parametrize(("rated", "status"), [(100, "agrees"), (101, "agrees"), (85, "tolerated"), (79, "differs")])
def test_target_and_tolerance_are_shares_of_the_right_side(db, rated, status):
    db.execute("insert into rated values ('2026-01-01', 'voice', ?)", [rated])
    db.execute("insert into billed values ('2026-01-01', 'voice', 60), ('2026-01-01', 'voice', 40)")

    assert [one.status for one in compare(db)] == [status]


def test_a_side_without_rows_counts_as_zero_and_differs(db):
    db.execute("insert into rated values ('2026-01-01', 'sms', 5)")
    db.execute("insert into billed values ('2026-01-01', 'data', 7)")

    assert [(one.dimension, one.difference, one.status) for one in compare(db)] == [
        ("data", -7, "differs"),
        ("sms", 5, "differs"),
    ]


def test_a_tolerance_of_zero_is_exact(db):
    db.execute("insert into rated values ('2026-01-01', 'voice', 1.000001)")
    db.execute("insert into billed values ('2026-01-01', 'voice', 1)")
    exact = CHECK.model_copy(update={"tolerance": Decimal(0), "target": None})

    assert [one.status for one in compare(db, check=exact)] == ["differs"]


def test_a_month_is_settled_once_in_the_night_after_it(db):
    db.execute(
        "insert into rated values ('2025-12-01', 'voice', 1), ('2026-01-01', 'voice', 1), ('2026-02-01', 'voice', 1)"
    )

    assert [one.period_start for one in compare(db, "2026-02-01")] == [date(2026, 1, 1)]
    assert compare(db, "2026-02-02") == []
    whole_range = reconcile(db, [CHECK], from_day=date(2025, 12, 15), to_day=date(2026, 2, 10))
    assert [one.period_start for one in whole_range] == [date(2025, 12, 1), date(2026, 1, 1)]


def test_the_message_says_what_differs_and_what_to_do_and_the_row_fits_ops_recon(db):
    db.execute("insert into rated values ('2026-01-01', 'voice', 50)")
    db.execute("insert into billed values ('2026-01-01', 'voice', 100)")

    (one,) = compare(db)

    assert one.message == (
        "usage is billed: 2026-01, voice: 50.00 against 100.00, a difference of -50.00 (50.0%); "
        "20.0% is allowed. Ask billing."
    )
    assert one.row("run") == (
        "run",
        "usage_is_billed",
        date(2026, 1, 1),
        "voice",
        50,
        100,
        -50,
        Decimal("0.20"),
        "differs",
    )


def test_the_shipped_checks_are_well_formed_and_only_net_adds_block():
    assert [check.check_id for check in load_checks() if check.severity == "check"] == [
        "net_adds_by_difference_and_by_movement"
    ]
