"""A KPI that moves too far is named with what it was, is and should be; noise and open months are not."""

from datetime import date

import duckdb
import pytest
import yaml

from models.kpi.registry import registry
from quality.movement import Offender, Rule, RuleError, load_rules, movements

CLOSING = {
    "kpi": "closing_subscribers",
    "period": "day",
    "against": "previous",
    "within": [-0.02, 0.02],
    "why": "Look.",
}


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute("create schema kpi")
    db.execute("""
        create table kpi.value (
            kpi_id varchar, version integer, period_type varchar, period_start date, dimension_set varchar,
            dimension_1 varchar, dimension_2 varchar, dimension_3 varchar, dimension_4 varchar,
            numerator decimal(38, 6), denominator decimal(38, 6), is_complete boolean)
    """)
    return db


def put(
    db,
    kpi,
    period_type,
    start,
    numerator,
    denominator=None,
    *,
    dimension_set="all",
    cell=None,
    complete=True,
    version=1,
):
    row = [
        kpi,
        version,
        period_type,
        date.fromisoformat(start),
        dimension_set,
        cell,
        None,
        None,
        None,
        numerator,
        denominator,
        complete,
    ]
    db.execute("insert into kpi.value values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def judged(db, to_day="2026-01-05", **entry) -> list[Offender]:
    day = date.fromisoformat(to_day)
    return movements(db, [Rule.model_validate({"name": "rule"} | CLOSING | entry)], from_day=day, to_day=day)


def test_a_jump_since_yesterday_is_told_in_plain_words(db):
    put(db, "closing_subscribers", "day", "2026-01-04", 1000)
    put(db, "closing_subscribers", "day", "2026-01-05", 1034)

    (offender,) = judged(db)

    assert (offender.lhs, offender.rhs, offender.lo, offender.hi) == (1034, 1000, -0.02, 0.02)
    assert offender.message == (
        "2026-01-05: closing subscribers changed by +3.4% against the day before, from 1,000 to 1,034; "
        "expected -2.0% to +2.0%. Look."
    )


def test_a_movement_within_its_bounds_says_nothing(db):
    put(db, "closing_subscribers", "day", "2026-01-04", 1000)
    put(db, "closing_subscribers", "day", "2026-01-05", 1020)

    assert judged(db) == []


def test_small_counts_and_days_without_a_day_before_say_nothing(db):
    put(db, "closing_subscribers", "day", "2026-01-04", 10)
    put(db, "closing_subscribers", "day", "2026-01-05", 20)

    assert judged(db, ignore_below=11) == []
    assert judged(db, to_day="2026-01-04") == []


def test_an_incomplete_day_is_not_judged(db):
    put(db, "closing_subscribers", "day", "2026-01-04", 1000)
    put(db, "closing_subscribers", "day", "2026-01-05", 500, complete=False)

    assert judged(db) == []


def test_each_cell_is_compared_with_itself_and_named(db):
    for brand, before, after in (("gotone", 1000, 1001), ("easyown", 100, 150)):
        put(db, "closing_subscribers", "day", "2026-01-04", before, dimension_set="brand", cell=brand)
        put(db, "closing_subscribers", "day", "2026-01-05", after, dimension_set="brand", cell=brand)

    (offender,) = judged(db, dimensions=["brand"])

    assert "closing subscribers of easyown changed by +50.0%" in offender.message
    assert judged(db, dimensions=["brand"], only="gotone") == []


def test_a_monthly_cap_grows_with_the_days_of_the_open_month(db):
    put(db, "churned_subscribers", "month", "2026-01-01", 60, complete=False)
    put(db, "closing_subscribers", "month", "2026-01-01", 1000, complete=False)
    cap = {
        "kpi": "churned_subscribers",
        "period": "month",
        "against": "closing_subscribers",
        "within": [None, 0.15],
        "scaled": True,
    }

    (offender,) = judged(db, to_day="2026-01-10", **cap)

    assert offender.hi == pytest.approx(0.15 * 10 / 31)
    assert "are 6.00% of closing subscribers, 60 of 1,000; expected at most 4.84%" in offender.message
    assert judged(db, to_day="2026-01-20", **cap) == []


def test_a_ratio_is_its_numerator_by_its_denominator_and_may_be_judged_by_itself(db):
    put(db, "revenue_per_mb", "month", "2026-01-01", 6000, 100)

    (offender,) = judged(db, kpi="revenue_per_mb", period="month", against=None, within=[0, 51.2])

    assert (offender.ratio, offender.rhs) == (60, None)
    assert "revenue per mb are 60; expected 0 to 51.2" in offender.message


def test_only_the_newest_version_of_a_kpi_counts(db):
    put(db, "closing_subscribers", "day", "2026-01-04", 1000)
    put(db, "closing_subscribers", "day", "2026-01-04", 500, version=2)
    put(db, "closing_subscribers", "day", "2026-01-05", 500, version=2)

    assert judged(db) == []


def test_the_shipped_rules_name_kpis_of_the_registry():
    known = set(registry().kpis)

    for rule in load_rules():
        assert {rule.kpi, rule.against or rule.kpi} - {"previous"} <= known


def test_an_unknown_word_in_the_rules_is_refused_by_name(tmp_path):
    path = tmp_path / "movement.yaml"
    path.write_text(yaml.safe_dump({"closing_moves": CLOSING | {"tolerance": 1}}))

    with pytest.raises(RuleError, match=r"closing_moves: (.|\n)*tolerance"):
        load_rules(path)
