"""The tables of the module over a handful of made-up records, in a database that lives for the whole session."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS
from tests.marts.behaviour.definitions import Recharge, Record

TABLES = load_tables()
ZONE = timedelta(hours=8)
GIVEN = ("core.usage_event", "core.bridge_msisdn", "core.dim_date", "core.dim_cell", "core.fct_recharge")
BUILT = ("interaction", "place_day", "active_month", "interaction_month", "call_month", "text_month", "contact_month")
BUILT += ("mobility_month", "recharge_month")
PLACES = {1: (31.0, 121.0), 2: (31.05, 121.2), 3: (30.9, 120.7)}  # cell 4 was never surveyed
Rows = dict[tuple[Any, ...], dict[str, Any]]


class Behaviour:
    """Given records of one line of January 2026, the rows of a table by their grain without month and line."""

    def __init__(self) -> None:
        self.db = duckdb.connect(config={"threads": 1})
        self.db.execute("set TimeZone = 'UTC'; set variable time_zone = 'Asia/Shanghai'")
        for macro in MACROS:
            self.db.execute(macro)
        self.db.execute("create schema core; create schema mart_behaviour; create schema stg_reference")
        for name in (*GIVEN, *(f"mart_behaviour.{short}" for short in BUILT), "stg_reference.calendar"):
            columns = TABLES[name].header.types().items()
            self.db.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns)})")
        self.db.execute(f"create table mart_behaviour.threshold as {TABLES['mart_behaviour.threshold'].sql}")
        self.db.execute("update mart_behaviour.threshold set has_other_parts = true")
        for view in ("mart_behaviour.part", "core.line_event"):
            self.db.execute(f"create view {view} as {TABLES[view].sql}")
        days = [[date(2026, 1, 1) + timedelta(days=n)] for n in range(31)]
        self.db.executemany("insert into stg_reference.calendar (day, is_holiday) values (?, false)", days)
        self.db.execute(f"insert into core.dim_date {TABLES['core.dim_date'].sql}")
        self.db.execute("insert into core.bridge_msisdn values (5, 50, timestamp '2020-01-01', timestamp '9999-12-31')")
        cells = [[cell, *place, date(2020, 1, 1)] for cell, place in PLACES.items()]
        self.db.executemany(
            "insert into core.dim_cell (cell_id, latitude, longitude, valid_from) values (?,?,?,?)", cells
        )

    def give(self, records: Iterable[Record], recharges: Iterable[Recharge] = ()) -> None:
        for name in ("core.usage_event", "core.fct_recharge", *(f"mart_behaviour.{short}" for short in BUILT)):
            self.db.execute(f"delete from {name}")
        calls = [
            [r.at.date(), "voice" if r.is_call else "sms", r.event_id, r.at - ZONE, "mo" if r.is_made else "mt",
             r.other, r.cell, r.duration]
            for r in records
        ]  # fmt: skip
        self.insert(
            "core.usage_event",
            "event_day, service_type, event_id, start_at, direction_type, other_msisdn_key, cell_id, duration_s",
            calls,
        )
        self.db.execute("update core.usage_event set msisdn_key = 5, cause_type = 'normal', is_current = true")
        top_ups = [[f"{n:02d}", r.at - ZONE, r.at.date(), float(r.amount)] for n, r in enumerate(recharges)]
        self.insert("core.fct_recharge", "recharge_no, recharged_at, recharged_on, recharged_amt", top_ups)
        self.db.execute("update core.fct_recharge set subscription_key = 50, is_reversal = false")

    def insert(self, table: str, columns: str, rows: list[list[Any]]) -> None:
        if rows:
            marks = f"({', '.join('?' * len(rows[0]))})"
            values = [value for row in rows for value in row]
            self.db.execute(f"insert into {table} ({columns}) values {', '.join([marks] * len(rows))}", values)

    def build(self, *shorts: str) -> None:
        for short in shorts:
            table = TABLES[f"mart_behaviour.{short}"]
            self.db.execute(f"insert into {table.name} {table.sql}")

    def rows(self, short: str) -> Rows:
        self.build(short)
        header = TABLES[f"mart_behaviour.{short}"].header
        columns = list(header.columns)
        found = self.db.execute(f"select * from mart_behaviour.{short}").fetchall()
        named = [dict(zip(columns, row, strict=True)) for row in found]
        grain = [column for column in header.grain if column not in ("month_start", "subscription_key")]
        assert {(row["month_start"], row["subscription_key"]) for row in named} <= {(date(2026, 1, 1), 50)}
        return {tuple(row[column] for column in grain): row for row in named}


@pytest.fixture(scope="session")
def behaviour() -> Iterator[Behaviour]:
    made = Behaviour()
    yield made
    made.db.close()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-01-{text}")
