"""What the warehouse counts against what the synthetic operator knows happened, and against the faults it injected."""

from collections.abc import Generator
from typing import Any

import duckdb
import pytest

from pipelines.engine.ledger import Ledger
from pipelines.synthetic.faults import catalogue
from tests.proofs.conftest import FIRST, LAST, NIGHTS, Operator
from tests.proofs.faults import LOOKUPS, REPORTED
from tests.revealed import reveal

MEASURES = "events, seconds, billed_minutes, bytes_up, bytes_down, charge_amt"
COUNTED = """
    create temp view counted as
    select
        usage.day, line.value as user_id, usage.service_type as service, sum(usage.events) as events,
        sum(usage.duration_s) as seconds, sum(usage.billed_minutes) as billed_minutes, sum(usage.bytes_up) as bytes_up,
        sum(usage.bytes_down) as bytes_down, sum(usage.charge_amt) as charge_amt
    from core.fct_usage_day as usage
    inner join vault.subscription as line on usage.subscription_key = line.key
    group by usage.day, line.value, usage.service_type
"""


@pytest.fixture(scope="module")
def db(operator: Operator) -> Generator[duckdb.DuckDBPyConnection]:
    """The warehouse and its vault, read only, beside the truth and the ledger of injected faults."""
    with duckdb.connect() as db:
        db.execute(f"attach '{operator.home.warehouse}' as warehouse (read_only)")
        reveal(db, operator.home)
        db.execute("use warehouse")
        db.execute("set variable time_zone = 'Asia/Shanghai'")
        db.execute(f"set variable from_day = date '{FIRST}'; set variable to_day = date '{LAST}'")
        db.execute(f"create temp view truth as from '{operator.truth}/usage_day/*.parquet'")
        db.execute(
            f"""create temp table fault as
            select fault.*, delivery.* exclude (system, table_name, data_date, redo)
            from '{operator.truth}/fault.parquet' as fault
            left join ops.delivery as delivery using (system, table_name, data_date, redo)"""
        )
        db.execute("create temp table note (delivery_id integer, text varchar)")
        for delivery in Ledger(operator.home.lake).deliveries():
            for note in delivery.notes:
                db.execute("insert into note values (?, ?)", [delivery.delivery_id, note])
        db.execute(COUNTED)
        db.execute(LOOKUPS)
        yield db


def rows(db: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return db.execute(query).fetchall()


def test_totals_per_day_service_and_subscriber_equal_the_truth(db: duckdb.DuckDBPyConnection) -> None:
    columns = f"day, user_id, service, {MEASURES}"
    both = f"((select {columns} from {{}}) except all (select {columns} from {{}})) order by all limit 5"

    assert rows(db, both.format("truth", "counted")) == []
    assert rows(db, both.format("counted", "truth")) == []
    assert rows(db, "select count(distinct day), count(*) > 100000 from counted") == [(NIGHTS, True)]


def test_no_event_is_lost_and_none_counted_twice(db: duckdb.DuckDBPyConnection) -> None:
    """Every usage row names the line it is for, or is one of the records of numbers that nobody has."""
    happened = "select sum(events) from truth"
    counted = "select sum(events) from core.fct_usage_day where subscription_key <> -1"
    nobodys = "select sum(events) from core.fct_usage_day where subscription_key = -1"

    assert rows(db, counted) == rows(db, happened)
    assert rows(db, nobodys) == rows(db, "select count(*) from fault where kind = 'orphan'")


def test_what_is_left_out_as_a_copy_is_exactly_what_was_copied(db: duckdb.DuckDBPyConnection) -> None:
    """Records in force less the records that the events are merged of."""
    left_out = rows(db, "select (select count(*) from record) - (select sum(partials) from event)")
    assert left_out == rows(db, "select count(*) from fault where kind in ('duplicate', 'duplicate_later')")


def test_what_is_quarantined_is_exactly_what_was_broken(db: duckdb.DuckDBPyConnection) -> None:
    """In deliveries in force; a delivery that came again had the same broken rows in its first version."""
    bad = """
        select file_name, row_no from ops.quarantine semi join (
            select delivery_id from ops.delivery where superseded_on is null and status = 'loaded'
        ) using (delivery_id) order by all
    """
    assert rows(db, bad) == rows(db, "select file, row_no from fault where kind = 'broken_row' order by all")


def test_every_kind_of_fault_has_its_report() -> None:
    assert REPORTED.keys() == catalogue().keys()


@pytest.mark.parametrize("kind", REPORTED)
def test_every_fault_is_found_and_reported(db: duckdb.DuckDBPyConnection, kind: str) -> None:
    assert rows(db, f"select count(*) > 0 from fault where kind = '{kind}'") == [(True,)]
    unseen = f"""
        select data_date, file, row_no, key, original, injected from fault
        where kind = '{kind}' and ({REPORTED[kind]}) is not true order by all limit 5
    """
    assert rows(db, unseen) == []
