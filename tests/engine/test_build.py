"""Nights one by one and one set-based range leave the same tables, whatever arrives late, twice or corrected."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.kpi import board
from pipelines.engine import build, ops, shared
from pipelines.engine.build import Builder
from pipelines.engine.checks import BrokenPromise, is_grouped_by_grain
from pipelines.engine.table import HeaderError, Table, in_order, make_table

FIRST = date(2026, 1, 29)
LINEAGE = {
    "delivery_id": "integer - d", "row_no": "integer - r", "known_on": "date - k", "superseded_on": "date - s",
}  # fmt: skip


def toy(name: str, sql: str, columns: dict[str, str], grain: list[str], **header: Any) -> Table:
    header = {"description": "Toy.", "grain": grain, "columns": columns, **header}
    return make_table(name, header, sql, Path(f"{name}.sql"))


def toys(amount_check: str = "amount >= 0") -> dict[str, Table]:
    event = {"day": "date - d", "line_key": "bigint - l", "event_id": "bigint - e", "amount": "bigint - a"}
    owner = {
        "line_key": "bigint - l",
        "owner_key": "bigint - o",
        "valid_from": "timestamp - f",
        "valid_to": "timestamp - t",
    }
    lineage = "delivery_id, row_no, known_on, superseded_on"
    return in_order(
        [
            toy(
                "stg_toy.event", f"select day, line_key, event_id, amount, {lineage} from raw_toy.event",
                event | LINEAGE, ["delivery_id", "row_no"], refresh="delivery", partition="day",
            ),
            toy(
                "stg_toy.owner", f"select line_key, owner_key, valid_from, valid_to, {lineage} from raw_toy.owner",
                owner | LINEAGE, ["delivery_id", "row_no"], refresh="delivery",
            ),
            toy(
                "core.bridge",
                """select line_key, min(owner_key) as owner_key, valid_from, max(valid_to) as valid_to
                from stg_toy.owner where superseded_on is null group by line_key, valid_from""",
                owner, ["line_key", "valid_from"],
            ),
            toy(
                "core.event",
                """select day, line_key, event_id, min(amount) as amount from stg_toy.event
                where superseded_on is null group by day, line_key, event_id""",
                event, ["event_id"], refresh="view", partition="day", shared=True,
            ),
            toy(
                "core.line_day",
                """select event.day, event.line_key, coalesce(bridge.owner_key, -1) as owner_key,
                    count(*) as events, sum(event.amount) as amount
                from core.event as event left join core.bridge as bridge on event.line_key = bridge.line_key
                    and event.day >= bridge.valid_from and event.day < bridge.valid_to
                group by event.day, event.line_key, coalesce(bridge.owner_key, -1)""",
                {"day": "date - d", "line_key": "bigint - l", "owner_key": "bigint - o", "events": "bigint - e",
                 "amount": "bigint - a"},
                ["day", "line_key", "owner_key"], refresh="day", partition="day", scope="line_key",
                reads={"core.bridge": "changes"}, checks=[amount_check],
            ),
            toy(
                "mart_toy.owner_month",
                """select cast(date_trunc('month', day) as date) as month_start, owner_key, sum(events) as events,
                    sum(amount) as amount, count(distinct day) as days
                from core.line_day group by month_start, owner_key""",
                {"month_start": "date - m", "owner_key": "bigint - o", "events": "bigint - e", "amount": "bigint - a",
                 "days": "bigint - d"},
                ["month_start", "owner_key"], refresh="month", partition="month_start", scope="owner_key",
            ),
            toy(
                "mart_toy.owner_closed_month",
                "select month_start, owner_key, amount from mart_toy.owner_month",
                {"month_start": "date - m", "owner_key": "bigint - o", "amount": "bigint - a"},
                ["month_start", "owner_key"], refresh="month", partition="month_start", scope="owner_key",
                open_month=False,
            ),
            toy(
                "mart_toy.trailing_day",
                """select calendar.day, line.line_key, sum(line.amount) as amount_3_days
                from (select distinct day from core.line_day) as calendar
                inner join core.line_day as line on line.day between calendar.day - 2 and calendar.day
                group by calendar.day, line.line_key""",
                {"day": "date - d", "line_key": "bigint - l", "amount_3_days": "bigint - a"},
                ["day", "line_key"], refresh="day", partition="day", reads={"core.line_day": "2 days"},
            ),
            toy(
                "core.line_view", "select day, line_key, owner_key, amount from core.line_day",
                {"day": "date - d", "line_key": "bigint - l", "owner_key": "bigint - o", "amount": "bigint - a"},
                ["day", "line_key", "owner_key"], refresh="view", partition="day",
            ),
            toy(
                "mart_toy.trailing_line_day",
                """select event.day, event.line_key, sum(line.amount) as amount_3_days
                from (select distinct day, line_key from core.event) as event
                inner join core.line_view as line
                    on event.line_key = line.line_key and line.day between event.day - 2 and event.day
                group by event.day, event.line_key""",
                {"day": "date - d", "line_key": "bigint - l", "amount_3_days": "bigint - a"},
                ["day", "line_key"], refresh="day", partition="day", scope="line_key",
                reads={"core.line_view": "2 days"},
            ),
        ]
    )  # fmt: skip


class Warehouse:
    """A warehouse in memory whose raw tables are filled by hand."""

    def __init__(self, tables: dict[str, Table]) -> None:
        self.tables = tables
        self.db = duckdb.connect(config={"threads": 1})
        self.db.execute("set TimeZone = 'UTC'; set variable time_zone = 'UTC'")
        ops.prepare(self.db)
        for name in ("core", "stg_toy", "raw_toy", "mart_toy"):
            self.db.execute(f"create schema {name}")

    def night(self, deliveries: list[tuple[Any, ...]], from_day: date, to_day: date) -> None:
        """Deliveries: (id, kind, known_on, superseded_on, rows)."""
        known = [
            (i, k, on, end if end and end <= to_day else None, rows)
            for i, k, on, end, rows in deliveries
            if on <= to_day
        ]
        seen = {row[:2] for row in self.db.execute("select delivery_id, superseded_on from ops.delivery").fetchall()}
        self.db.execute("delete from run.delivery_change; delete from ops.delivery")
        for kind, columns in (
            ("event", "day date, line_key bigint, event_id bigint, amount bigint"),
            ("owner", "line_key bigint, owner_key bigint, valid_from timestamp, valid_to timestamp"),
        ):
            lineage = "delivery_id integer, row_no integer, known_on date, superseded_on date"
            self.db.execute(f"create or replace table raw_toy.{kind} ({columns}, {lineage})")
            for number, _, known_on, ends, rows in (d for d in known if d[1] == kind):
                self.db.execute(
                    "insert into ops.delivery (delivery_id, system, table_name, superseded_on) values (?, 'toy', ?, ?)",
                    [number, kind, ends],
                )
                if (number, ends) in seen:
                    continue
                self.db.execute("insert into run.delivery_change values (?, ?)", [number, (number, None) in seen])
                for row_no, row in enumerate(rows):
                    values = [*row, number, row_no, known_on, ends]
                    self.db.execute(f"insert into raw_toy.{kind} values ({', '.join('?' * len(values))})", values)
        builder = Builder(self.db, self.tables, f"run-{to_day}", from_day, to_day)
        builder.anew = builder.outdated()
        for table in self.tables.values():
            builder.build(table)
        builder.settle()
        ops.forget_run(self.db)

    def content(self) -> dict[str, list[Any]]:
        return {
            name: self.db.execute(f"select * from {name} order by all").fetchall()
            for name, table in self.tables.items() if table.header.refresh != "view"
        }  # fmt: skip

    def recorded(self) -> dict[str, str]:
        return dict(self.db.execute("select table_name, content_hash::varchar from ops.table_state").fetchall())


days = st.integers(0, 5).map(lambda n: FIRST + timedelta(days=n))
events = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), st.integers(1, 9), st.integers(0, 50)), max_size=6)
owners = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(-3, 5), st.integers(0, 6)), max_size=2)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """A few nights of deliveries; some are replaced some nights later, by one that repeats many of their rows."""
    found: list[tuple[Any, ...]] = []
    for known_on in (FIRST + timedelta(days=n) for n in range(6)):
        for kind, drawn in (("event", draw(events)), ("owner", draw(owners))):
            rows = [shaped(kind, known_on, row) for row in drawn]
            ends = draw(st.one_of(st.none(), days))
            ends = ends if ends and ends >= known_on else None
            found.append((len(found) + 1, kind, known_on, ends, rows))
            if ends:
                again = [row for row in rows if draw(st.integers(0, 3))]
                more = [shaped(kind, known_on, row) for row in draw(events if kind == "event" else owners)[:1]]
                found.append((len(found) + 1, kind, ends, None, again + more))
    return found


def shaped(kind: str, known_on: date, row: tuple[int, ...]) -> tuple[Any, ...]:
    if kind == "event":
        late, line, number, amount = row
        day = known_on - timedelta(days=late)
        return day, line, number + 10 * day.day + 1000 * line, amount
    line, owner, since, length = row
    start = FIRST + timedelta(days=since)
    return line, owner, start, start + timedelta(days=length) if length else date(9999, 12, 31)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_nights_one_by_one_equal_one_range(history: list[tuple[Any, ...]]) -> None:
    tables = toys()
    nightly, ranged, parted = Warehouse(tables), Warehouse(tables), Warehouse(tables)
    for n in range(6):
        nightly.night(history, FIRST + timedelta(days=n), FIRST + timedelta(days=n))
    ranged.night(history, FIRST, FIRST + timedelta(days=5))
    with patch.object(build, "PARTED_ROWS", 0), patch.object(shared, "ROWS", -1):  # month by month
        parted.night(history, FIRST, FIRST + timedelta(days=5))

    assert nightly.content() == ranged.content() == parted.content()
    assert nightly.recorded() == ranged.recorded() == parted.recorded()


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    yield Warehouse(toys())


def test_a_late_row_restates_its_own_day_and_is_recorded_with_amounts(warehouse: Warehouse) -> None:
    later = FIRST + timedelta(days=1)
    history = [
        (1, "event", FIRST, None, [(FIRST, 1, 11, 5), (FIRST, 2, 12, 7)]),
        (2, "event", later, None, [(later, 1, 13, 1), (FIRST, 1, 14, 30)]),
    ]
    warehouse.night(history, FIRST, FIRST)
    warehouse.night(history, later, later)

    found = warehouse.db.execute("select day, line_key, events, amount from core.line_day order by all").fetchall()
    assert found == [(FIRST, 1, 2, 35), (FIRST, 2, 1, 7), (later, 1, 1, 1)]
    restated = "select table_name, partition_start, measure, amount_change::bigint from ops.restatement order by all"
    assert ("core.line_day", FIRST, "amount", 30) in warehouse.db.execute(restated).fetchall()


def test_a_month_that_is_built_when_over_is_not_there_before(warehouse: Warehouse) -> None:
    last, next_month = date(2026, 1, 31), date(2026, 2, 1)
    history = [
        (1, "event", FIRST, None, [(FIRST, 1, 11, 5)]),
        (2, "event", next_month, None, [(next_month, 1, 13, 1), (FIRST, 1, 14, 30)]),
    ]
    amounts = "select month_start, amount from mart_toy.owner_closed_month"
    seen = []
    for n in range(4):
        warehouse.night(history, FIRST + timedelta(days=n), FIRST + timedelta(days=n))
        seen.append(warehouse.db.execute(amounts).fetchall())

    assert (FIRST + timedelta(days=2), FIRST + timedelta(days=3)) == (last, next_month)
    assert seen == [[], [], [(date(2026, 1, 1), 5)], [(date(2026, 1, 1), 35)]]


def test_a_broken_check_keeps_yesterdays_table_and_shows_the_rows(warehouse: Warehouse) -> None:
    later = FIRST + timedelta(days=1)
    history = [(1, "event", FIRST, None, [(FIRST, 1, 11, 5)]), (2, "event", later, None, [(later, 1, 13, -4)])]
    warehouse.night(history, FIRST, FIRST)

    with pytest.raises(BrokenPromise, match=r"amount >= 0.*1 rows.*amount=-4"):
        warehouse.night(history, later, later)

    assert warehouse.db.execute("select day, amount from core.line_day").fetchall() == [(FIRST, 5)]


def test_null_is_a_value_of_the_grain_where_the_header_says_so(warehouse: Warehouse) -> None:
    sql, columns = "select null::bigint as a, 1 as b union all select 7, 1", {"a": "bigint - a", "b": "bigint - b"}
    strict, loose = (toy("core.keys", sql, columns, ["a", "b"], nullable=nullable) for nullable in ([], ["a"]))

    with pytest.raises(BrokenPromise, match=r"a is not null.*1 rows"):
        Builder(warehouse.db, {"core.keys": strict}, "run", FIRST, FIRST).build(strict)

    checks = Builder(warehouse.db, {"core.keys": loose}, "run", FIRST, FIRST).build(loose).checks
    assert [check.name for check in checks] == ["b is not null", "one row per a, b"]


@pytest.mark.parametrize(
    ("sql", "is_unique"),
    [
        ("select r.a, r.b <> 0 as b, count(*) as n from core.r as r group by r.a, r.b <> 0", True),
        ("select a, b, count(*) as n from core.r group by a, b, c", False),
        ("select a, b % 2 as b, count(*) as n from core.r group by a, b", False),
        ("select a, b, count(*) as n from core.r group by rollup (a, b)", False),
        ("select a, b, c as n from core.r", False),
        ("select *, count(*) as n from core.r group by a, b", False),
    ],
)
def test_rows_that_are_grouped_by_what_they_return_as_the_grain_need_not_be_counted(sql: str, is_unique: bool) -> None:
    columns = {"a": "bigint - a", "b": "bigint - b", "n": "bigint - n"}

    assert is_grouped_by_grain(toy("core.keys", sql, columns, ["a", "b"])) is is_unique


def test_a_query_that_returns_other_columns_than_documented_is_refused(warehouse: Warehouse) -> None:
    wrong = toy("core.wrong", "select 1 as a, 2 as b", {"a": "integer - a"}, ["a"])

    with pytest.raises(HeaderError, match=r"documents \['a'\], the query returns \['a', 'b'\]"):
        Builder(warehouse.db, {"core.wrong": wrong}, "run", FIRST, FIRST).build(wrong)


@pytest.mark.parametrize(
    ("kind", "shared"), [("enum('b', 'a')", {"shared": True}), ("enum('a', 'b')", {})], ids=["disordered", "stored"]
)
def test_an_enum_is_for_rows_that_a_run_alone_sees_and_sorts_as_text_does(kind: str, shared: dict[str, Any]) -> None:
    columns = {"day": "date - d", "kind": f"{kind} - k"}

    with pytest.raises(HeaderError, match=r"column kind: an enum is for `shared` views.*: enum\('a', 'b'\)"):
        toy("core.rows", "select day, kind from core.e", columns, ["day"], refresh="view", partition="day", **shared)


def test_an_incremental_table_may_not_read_what_has_no_past() -> None:
    current = toy("core.now", "select 1 as line_key", {"line_key": "bigint - l"}, ["line_key"])
    monthly = toy(
        "mart_toy.m", "select date '2026-01-01' as month_start, line_key from core.now",
        {"month_start": "date - m", "line_key": "bigint - l"}, ["month_start", "line_key"],
        refresh="month", partition="month_start",
    )  # fmt: skip

    with pytest.raises(HeaderError, match=r"would change with core.now, which has no partition"):
        in_order([current, monthly])


def test_a_function_of_a_model_makes_the_rows_that_its_header_documents(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def doubled(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[pa.RecordBatch]:
        assert fitted == tmp_path / "mart_toy"
        for batch in rows:
            yield pa.RecordBatch.from_pydict({"a": batch["a"], "b": [2 * a.as_py() for a in batch["a"]]})

    monkeypatch.setattr(board, "doubled", doubled, raising=False)
    columns = {"a": "integer - a", "b": "decimal(9,2) - b"}
    table = toy("mart_toy.twice", "select 4 as a", columns, ["a"], applies="models.kpi.board.doubled")

    Builder(warehouse.db, {table.name: table}, "run", FIRST, FIRST, tmp_path).build(table)

    assert warehouse.db.execute("from mart_toy.twice").fetchall() == [(4, Decimal("8.00"))]


def test_a_function_that_returns_other_columns_than_documented_is_refused(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(board, "same", lambda rows, fitted: rows.read_all(), raising=False)
    table = toy("mart_toy.same", "select 4 as a", {"b": "integer - b"}, ["b"], applies="models.kpi.board.same")

    with pytest.raises(HeaderError, match=r"documents \['b'\], the query returns \['a'\]"):
        Builder(warehouse.db, {table.name: table}, "run", FIRST, FIRST, tmp_path).build(table)
