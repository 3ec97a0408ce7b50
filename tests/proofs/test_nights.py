"""Rebuild equals night, a range equals its nights, readers see whole nights, totals equal the truth."""

from datetime import timedelta

import duckdb

from pipelines.engine.home import Home
from pipelines.engine.night import run_nights
from pipelines.engine.rebuild import rebuild
from pipelines.engine.table import load_tables
from tests.proofs.conftest import FIRST, LAST, NIGHTS, Operator

STATE = "select table_name, row_count, content_hash::varchar from ops.table_state"


def test_every_night_published(operator: Operator) -> None:
    assert {day: status for day, status in operator.statuses.items() if status != "published"} == {}
    assert len(operator.statuses) == NIGHTS


def test_rebuilding_day_30_and_day_45_gives_the_recorded_tables(copy_of_home: Home) -> None:
    for day in (FIRST + timedelta(days=29), LAST):
        report = rebuild(copy_of_home, day)
        assert [vars(table) for table in report.tables if table.verdict != "equal"] == []
        assert {table.table for table in report.tables} == set(load_tables())


def test_a_range_gives_the_tables_of_its_nights(operator: Operator, copy_of_landing: Home) -> None:
    report = run_nights(copy_of_landing, FIRST, LAST)
    assert report.status == "published"

    assert recorded(copy_of_landing) == recorded(operator.home)


def recorded(home: Home) -> dict[str, tuple[int, str]]:
    with duckdb.connect(home.warehouse, read_only=True) as db:
        found = db.execute(STATE).fetchall()
    return {name: (rows, content) for name, rows, content in found}


def test_the_recorded_hash_is_the_hash_of_the_rows(operator: Operator) -> None:
    with duckdb.connect(operator.home.warehouse, read_only=True) as db:
        kept = {name: (rows, content) for name, rows, content in db.execute(STATE).fetchall()}
        wrong = []
        for name, table in load_tables().items():
            if table.header.refresh != "view":
                columns = ", ".join(table.header.columns)
                counted = db.execute(
                    f"select count(*), coalesce(sum(hash({columns})::hugeint), 0)::varchar from {name}"
                ).fetchall()
                wrong += [] if [kept[name]] == counted else [name]
    assert wrong == []


def test_what_is_published_is_what_the_warehouse_holds(operator: Operator) -> None:
    with duckdb.connect(operator.home.current, read_only=True) as db:
        db.execute(f"attach '{operator.home.warehouse}' as warehouse (read_only)")
        stale = dict(db.execute("select table_name, count(*) from warehouse.ops.stale group by all").fetchall())
        public = [name for name, table in load_tables().items() if table.header.public]
        wrong = [
            name for name in public
            if db.execute(
                f"""select 1 from (from {name} except all from warehouse.{name}) union all
                select 1 from (from warehouse.{name} except all from {name}) limit 1"""
            ).fetchall()
        ]  # fmt: skip

    assert wrong == []
    assert stale.get("mart_usage.subscriber_day", 0) > 100, "late records are told beside the parts they change"


def test_a_reader_meets_no_error_and_never_two_nights_at_once(operator: Operator) -> None:
    assert operator.reader["errors"] == []
    assert operator.reader["mixed"] == 0
    assert operator.reader["days"] > 20
    assert operator.reader["looks"] > 100
