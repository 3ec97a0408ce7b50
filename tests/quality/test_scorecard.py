"""Each interface and day is scored 0 to 100 on what arrived, when, and what was wrong with it."""

from datetime import date

import duckdb
import pytest

from pipelines.engine.ops import prepare
from quality.scorecard import fill_scorecard

DAY = date(2026, 1, 5)
SCORES = "completeness, validity, timeliness, uniqueness, consistency, overall"


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    prepare(db)
    db.execute("set variable from_day = date '2026-01-05'")
    db.execute("set variable to_day = date '2026-01-05'")
    return db


def due(db, state="loaded", received_at="2026-01-06 00:40:00"):
    row = ["mediation", "cdr", DAY, state, "2026-01-06 01:45:00", received_at]
    db.execute("insert into ops.completeness values (?, ?, ?, ?, ?, ?)", row)


def delivered(db, rows=100, rejected=0, *, status="loaded", superseded_on=None):
    db.execute(
        """insert into ops.delivery (system, table_name, data_date, status, row_count, rejected, superseded_on)
        values ('mediation', 'cdr', ?, ?, ?, ?, ?)""",
        [DAY, status, rows, rejected, superseded_on],
    )


def broken(db, table, check, offenders):
    db.execute(
        "insert into ops.check_result values ('run', ?, ?, ?, 'watch', false, ?, '')", [DAY, table, check, offenders]
    )


def scores(db) -> tuple[float | None, ...]:
    fill_scorecard(db)
    (row,) = db.execute(f"select {SCORES} from ops.scorecard").fetchall()
    return row


def test_a_clean_delivery_in_time_scores_a_hundred(db):
    due(db)
    delivered(db)

    assert scores(db) == (100, 100, 100, 100, 100, 100)


def test_rejected_rows_copies_and_broken_checks_each_cost_their_share(db):
    due(db)
    delivered(db, rows=80, rejected=20)
    broken(db, "stg_mediation.cdr", "one row per call_ref", 8)
    broken(db, "raw_mediation.cdr", "values to be in set: service_type", 4)
    broken(db, "core.fct_voice", "one row per call_ref", 80)

    assert scores(db) == (100, 80, 100, 90, 95, 93)


def test_an_hour_after_the_deadline_costs_four_points(db):
    due(db, "late", "2026-01-06 02:45:00")
    delivered(db)

    assert scores(db)[2] == 96


def test_what_is_missing_scores_nothing_and_cannot_be_judged_further(db):
    due(db, "missing", None)

    assert scores(db) == (0, None, 0, None, None, 0)


def test_refused_and_superseded_deliveries_do_not_count(db):
    due(db)
    delivered(db, rejected=100, superseded_on=date(2026, 1, 7))
    delivered(db, rejected=100, status="refused")
    delivered(db)

    assert scores(db)[1] == 100


def test_scoring_a_day_again_replaces_its_scores(db):
    due(db)

    assert scores(db) == scores(db)
