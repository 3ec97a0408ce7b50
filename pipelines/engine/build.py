"""Builds a table from its file: narrowed query, comments, checks and content hash in one transaction."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engine import ops
from pipelines.engine.apply import applied
from pipelines.engine.checks import CheckResult, broken, check_rows
from pipelines.engine.declaration import first_kept
from pipelines.engine.narrow import Span, months_of, narrowed, new_span, span_of
from pipelines.engine.restate import Changes
from pipelines.engine.shared import Shared
from pipelines.engine.table import HeaderError, Table
from pipelines.engine.warehouse import Connection, quoted

TOGETHER_SECONDS = 1.0
PARTED_ROWS = 10_000_000  # of a source; sums over all months of more of them stay neither in the caches nor in memory


class BuildError(Exception):
    """A table could not be built; the warehouse keeps what it had."""


@dataclass(frozen=True)
class TableRun:
    """What building one table did."""

    table: str
    rows: int
    inserted: int
    deleted: int
    seconds: float
    content_hash: str
    columns: list[tuple[str, str]]
    checks: list[CheckResult]


@dataclass(frozen=True)
class State:
    """Rows of a table and the sum of their hashes: equal states mean equal content."""

    rows: int = 0
    content: int = 0

    def __add__(self, other: "State") -> "State":
        return State(self.rows + other.rows, self.content + other.content)

    def __sub__(self, other: "State") -> "State":
        return State(self.rows - other.rows, self.content - other.content)


@dataclass
class Builder:
    """Builds tables for one run over business days from_day to to_day.

    `fitted` is the folder of the models' fitted versions, which tables with `applies` need; `anew` names tables made
    anew: staged ones from all deliveries, because they are new or their file changed.
    """

    connection: Connection
    tables: Mapping[str, Table]
    run_id: str
    from_day: date
    to_day: date
    fitted: Path | None = None
    anew: set[str] = field(default_factory=set)
    statement_seconds: float = 0.0
    unsettled: list[Table] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changes = Changes(self.sql, self.tables, self.run_id, self.to_day)
        self.shared = Shared(self.sql, self.tables, self.changes)
        self.there = self.columns_there()
        known = self.sql("select table_name, definition_hash, row_count, content_hash from ops.table_state")
        self.known = {name: definition for name, definition, *_ in known}
        self.states = {name: State(int(rows), int(content)) for name, _, rows, content in known}
        for name, day in (("from_day", self.from_day), ("to_day", self.to_day), ("as_of", self.to_day)):
            self.connection.execute(f"set variable {name} = date '{day}'")

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement and count its time as the engine's own."""
        began = time.perf_counter()
        try:
            return self.connection.execute(statement).fetchall()
        finally:
            self.statement_seconds += time.perf_counter() - began

    def build(self, table: Table) -> TableRun:
        """Build and check one table, all or nothing; `settle` commits what a run's last tables did.

        Tables are committed together until a second's work is done, because every commit waits for the disk. When one
        fails, those before it are built again, each in a transaction of its own.
        Raises BuildError, BrokenPromise or HeaderError.
        """
        if self.is_untouched(table):
            state = self.state(table)
            return TableRun(
                table.name, state.rows, 0, 0, 0.0, f"{state.content:x}", list(table.header.types().items()), []
            )
        if not self.unsettled:
            self.begin()
        try:
            run = self.replace(table)
        except BaseException as error:
            self.undo()
            if isinstance(error, duckdb.Error):
                raise BuildError(f"{table.path}: {table.name} was not built and keeps its rows: {error}") from error
            raise
        self.unsettled.append(table)
        if time.perf_counter() - self.began > TOGETHER_SECONDS:
            self.settle()
        self.shared.built(table)
        return run

    def replace(self, table: Table) -> TableRun:
        began = time.perf_counter()
        before, deleted, inserted, checks = self.replace_rows(table)
        deleted += self.retire(table)
        self.states[table.name] = state = before - deleted + inserted
        return TableRun(
            table.name, state.rows, inserted.rows, deleted.rows, time.perf_counter() - began, f"{state.content:x}",
            list(table.header.types().items()), checks,
        )  # fmt: skip

    def begin(self) -> None:
        self.began = time.perf_counter()
        self.connection.begin()
        self.before = dict(self.there), dict(self.states), set(self.changes.noted)

    def settle(self) -> None:
        """Commit the tables built so far, with their states."""
        if self.unsettled:
            names = ", ".join(quoted(table.name) for table in self.unsettled)
            self.sql(f"delete from ops.table_state where table_name in ({names})")
            states = [(table, self.states[table.name]) for table in self.unsettled]
            rows = [[table.name, state.rows, state.content, table.definition_hash] for table, state in states]
            self.sql(ops.insertion("ops.table_state", rows))
            self.connection.commit()
            self.unsettled.clear()

    def undo(self) -> None:
        """Take back what is not committed, and build the tables before the failed one again."""
        self.connection.rollback()
        self.there, self.states, self.changes.noted = self.before
        self.shared.forget()
        again, self.unsettled = self.unsettled, []
        for table in again:
            self.begin()
            self.replace(table)
            self.unsettled.append(table)
            self.settle()

    def replace_rows(self, table: Table) -> tuple[State, State, State, list[CheckResult]]:
        """State before, what was deleted, what was inserted, and the checks of the new rows."""
        match table.header.refresh:
            case "view":
                self.create_view(table)
                return State(), State(), State(), []
            case "replace":
                return self.replace_whole(table)
            case "delivery":
                return self.replace_deliveries(table)
            case _:
                return self.replace_partitions(table)

    def retire(self, table: Table) -> State:
        """Drop the partitions that are older than the table keeps; also when a past day is built again."""
        if not table.header.keep:
            return State()
        rows = f"{table.header.partition} < date '{first_kept(self.to_day, table.header.keep)}'"
        gone = self.measure(table, rows)
        if gone.rows:
            self.sql(f"delete from {table.name} where {rows}")
        return gone

    def create_view(self, table: Table) -> None:
        self.sql(f"create schema if not exists {table.schema}")
        if self.known.get(table.name) != table.definition_hash:
            self.sql(f"create or replace view {table.name} as {self.cast_query(table, table.sql)}")
            self.comment(table, "view")
        self.changes.of_view(table, self.from_day)

    def replace_whole(self, table: Table) -> tuple[State, State, State, list[CheckResult]]:
        before = self.state(table)
        keeps_old = self.changes.is_watched(table) and self.has_columns_of(table)
        if keeps_old:
            self.sql(f"create or replace temp table old_rows as from {table.name}")
        self.sql(f"create schema if not exists {table.schema}")
        self.sql(f"create or replace table {table.name} as {self.cast_query(table, table.sql)}")
        self.comment(table, "table")
        self.there[table.name] = list(table.header.columns)
        if keeps_old:
            self.changes.of_intervals(table, old="old_rows")
        return before, before, self.measure(table, "true"), self.check(table, "true")

    def replace_deliveries(self, table: Table) -> tuple[State, State, State, list[CheckResult]]:
        changed = "delivery_id in (select delivery_id from run.delivery_change)"
        if table.name in self.anew:
            changed = "true"
        before = self.state(table)
        self.ensure(table)
        deleted = before if table.name in self.anew else self.measure(table, changed)
        self.sql(f"delete from {table.name} where {changed}")
        self.sql(f"insert into {table.name} {self.cast_query(table, table.sql)}")
        self.changes.of_deliveries(table, self.from_day)
        return before, deleted, self.measure(table, changed), self.check(table, changed)

    def replace_partitions(self, table: Table) -> tuple[State, State, State, list[CheckResult]]:
        """Pass A: the new days whole. Then closed partitions: whole where all rows are touched, by key elsewhere."""
        self.ensure(table)
        before = self.state(table)
        now = new_span(table, self.from_day, self.to_day)
        partition = table.header.partition
        deleted, inserted, checks = State(), State(), []
        if now.first <= now.last:
            shared = self.shared.written_out(table, now)
            for part in self.parts(table, now, shared):
                gone, come, more = self.replace_span(table, part, between(partition, part), shared)
                deleted, inserted, checks = deleted + gone, inserted + come, checks + more
            self.rewrite(table, f"select distinct {partition} from {table.name} where {between(partition, now)}")
        if table.header.frozen:
            return before, deleted, inserted, checks
        if not self.changes.touch(table, now.first):
            return before, deleted, inserted, checks
        for relation, key in (("run.touched_whole", None), ("run.touched", table.header.scope)):
            if bounds := self.changes.bounds(relation):
                span = span_of(table, *bounds, touched=relation, by_key=key is not None)
                named = (
                    f"({partition}, {key}) in (select partition, scope" if key else f"{partition} in (select partition"
                )
                gone, come, more = self.restate(table, span, f"{between(partition, span)} and {named} from {relation})")
                deleted, inserted, checks = deleted + gone, inserted + come, checks + more
        return before, deleted, inserted, checks

    def parts(self, table: Table, span: Span, shared: Mapping[str, str]) -> list[Span]:
        """The span; its months one by one where sources hold more than is worth working on at once.

        Days that go on from days before, or whose trailing windows would be read again every month, stay together.
        """
        is_large = any(view.name not in shared for view in self.shared.views_behind(table)) or any(
            self.states[source].rows > PARTED_ROWS for source in table.sources & self.states.keys()
        )
        is_trailing = table.header.refresh == "day" and any(map(table.header.window_days, table.header.reads))
        return months_of(span) if is_large and not is_trailing else [span]

    def replace_span(
        self, table: Table, span: Span, rows: str, shared: Mapping[str, str]
    ) -> tuple[State, State, list[CheckResult]]:
        """Replace the rows of a span that a predicate names; `shared` are the views that were written out for it."""
        deleted = self.measure(table, rows) if self.holds_from(table, span.first) else State()
        if deleted.rows:
            self.sql(f"delete from {table.name} where {rows}")
        query = self.cast_query(table, narrowed(table, self.tables, span, shared=shared))
        self.sql(f"insert into {table.name} select * from ({query}) as result where {rows}")
        return deleted, self.measure(table, rows), self.check(table, rows)

    def restate(self, table: Table, span: Span, rows: str) -> tuple[State, State, list[CheckResult]]:
        """The same for closed days; rows that come out as they were stay, and nobody hears of them."""
        columns = ", ".join(table.header.columns)
        query = self.cast_query(table, narrowed(table, self.tables, span, shared=self.shared.written_out(table, span)))
        self.sql(
            f"""create or replace temp table old_rows as
            select *, hash({columns}) as content from (select rowid as row_id, {columns} from {table.name} where {rows})
            """
        )
        self.sql(
            f"""create or replace temp table new_rows as
            select *, hash({columns}) as content from ({query}) as result where {rows}"""
        )
        checks = self.check(table, "true", held_by="new_rows")
        for relation, other in (("gone_rows", "new_rows"), ("come_rows", "old_rows")):
            source = "old_rows" if other == "new_rows" else "new_rows"
            self.sql(f"create or replace temp table {relation} as from {source} anti join {other} using (content)")
        deleted, inserted = self.measure(table, "true", "gone_rows"), self.measure(table, "true", "come_rows")
        if deleted.rows:
            self.sql(f"delete from {table.name} where rowid in (select row_id from gone_rows)")
        self.sql(f"insert into {table.name} select {columns} from come_rows")
        self.changes.of_rows(table, "gone_rows", "come_rows")
        return deleted, inserted, checks

    def holds_from(self, table: Table, day: date) -> bool:
        found = self.sql(f"select max({table.header.partition}) from {table.name}")
        return found[0][0] is not None and found[0][0] >= day

    def is_untouched(self, table: Table) -> bool:
        """A staged table of which nothing was delivered since the last published night."""
        if table.header.refresh != "delivery" or table.name in self.anew:
            return False
        return not self.changed_sources & table.sources

    @cached_property
    def changed_sources(self) -> frozenset[str]:
        """Source tables with new or newly superseded deliveries."""
        found = self.sql(
            """select distinct 'raw_' || system || '.' || table_name from ops.delivery
            where delivery_id in (select delivery_id from run.delivery_change)"""
        )
        return frozenset(row[0] for row in found)

    def cast_query(self, table: Table, query: str) -> str:
        """The query with every output column cast to its documented type.

        Raises HeaderError when a definition that is new here returns other columns than it documents.
        """
        if table.header.applies:
            began = time.perf_counter()
            query = applied(self.connection, table, query, self.fitted)
            self.statement_seconds += time.perf_counter() - began
        if self.known.get(table.name) != table.definition_hash:
            returned = [row[0] for row in self.sql(f"describe {query}")]
            documented = list(table.header.columns)
            if returned != documented:
                raise HeaderError(
                    f"{table.path}: header documents {documented}, the query returns {returned}; "
                    "list every output column once, in the query's order"
                )
        casts = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in table.header.types().items())
        return f"select {casts} from ({query}) as query"

    def ensure(self, table: Table) -> None:
        """Make the table when it is missing or made anew. Raises HeaderError when its columns are not its header's."""
        if table.name in self.anew and self.there.pop(table.name, None):
            self.sql(f"drop table {table.name}")
            self.states.pop(table.name, None)
        if table.name not in self.there:
            self.sql(f"create schema if not exists {table.schema}")
            columns = ", ".join(f"{name} {kind}" for name, kind in table.header.types().items())
            self.sql(f"create table {table.name} ({columns})")
            self.comment(table, "table")
            self.there[table.name] = list(table.header.columns)
        elif not self.has_columns_of(table):
            raise HeaderError(
                f"{table.path}: the warehouse holds {table.name} with other columns; "
                f"run `bassline backfill {table.name} --from DAY` with the first closed day to make it anew"
            )

    def has_columns_of(self, table: Table) -> bool:
        return self.there.get(table.name) == list(table.header.columns)

    def columns_there(self) -> dict[str, list[str]]:
        """Columns of every table of the warehouse, in order."""
        found = self.sql(
            """select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()
            where not internal group by all"""
        )
        return dict(found)

    def outdated(self) -> set[str]:
        """Staged tables that are missing or were filled by another definition."""
        staged = (table for table in self.tables.values() if table.header.refresh == "delivery")
        return {table.name for table in staged if self.known.get(table.name) != table.definition_hash}

    def read_whole(self) -> list[Table]:
        """Staged tables that need all deliveries: views, and those that are filled anew."""
        return [t for t in self.tables.values() if t.name in self.anew or t.header.refresh == "view"]

    def comment(self, table: Table, kind: str) -> None:
        comments = [f"comment on {kind} {table.name} is {quoted(table.header.description)}"]
        for name, meaning in table.header.meanings().items():
            comments.append(f"comment on column {table.name}.{name} is {quoted(meaning)}")
        self.sql("; ".join(comments))

    def measure(self, table: Table, rows: str, held_by: str | None = None) -> State:
        columns = ", ".join(table.header.columns)
        found = self.sql(f"select count(*), sum(hash({columns})::hugeint) from {held_by or table.name} where {rows}")
        return State(found[0][0], int(found[0][1] or 0))

    def state(self, table: Table) -> State:
        return self.states.get(table.name, State())

    def check(self, table: Table, rows: str, held_by: str | None = None) -> list[CheckResult]:
        """Results of the header's checks on some rows. Raises BrokenPromise when one that must hold does not."""
        results = check_rows(self.sql, table, rows, held_by or table.name)
        broken(table, results)
        return results

    def record(self, runs: Sequence[TableRun]) -> None:
        """Keep what was built in ops.table_run, all at once: every commit waits for the disk."""
        rows = [
            (
                self.run_id, self.to_day, run.table, run.rows, run.inserted, run.deleted, run.seconds,
                run.content_hash, self.tables[run.table].definition_hash,
            )
            for run in runs
        ]  # fmt: skip
        if rows:
            self.sql(ops.insertion("ops.table_run", rows))

    def rewrite(self, table: Table, partitions: str) -> None:
        """Remember partitions that the next published run has to write anew."""
        self.sql(f"insert into run.rewritten select {quoted(table.name)}, * from ({partitions})")


def between(partition: str | None, span: Span) -> str:
    return f"{partition} between date '{span.first}' and date '{span.last}'"
