"""What analysts open: a run folder of immutable Parquet parts and one small DuckDB file of views over them.

Parts that the night did not rewrite are hard links into the run before, so publishing costs what the night rewrote.
A part is a partition of its table; a month of days that a run writes when nothing can come late any more is one part.
Where late records changed a few keys of a closed day, its part stays too: its rows of these keys are stale, the view
leaves them out and takes the restated ones from a part of their own. `ops.stale` tells which keys; a part with stale
rows is written anew when hardly anything can come late any more, or when they are many.

A table's parts are written as soon as it is committed, beside the building of the next ones; only when all promises
hold do the views follow, and `current`.
"""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.engine.home import Home, operator
from pipelines.engine.narrow import month_end
from pipelines.engine.ops import insert, last_published
from pipelines.engine.removal import remove_tree
from pipelines.engine.runs import FILE, drop_old_runs, point_to, seal
from pipelines.engine.table import Table
from pipelines.engine.warehouse import MACROS, PARQUET, Connection, quoted, transaction

SCHEMA_VERSION = 1
STALE_SHARE = 0.05  # of a part's rows; beyond, it is written anew
OPERATIONS = (
    "delivery", "delivery_note", "completeness", "check_result", "restatement", "recon", "rule_check", "scorecard",
    "run",
)  # fmt: skip


@dataclass
class Publisher:
    """Writes the folder of one run from a warehouse, on a connection of its own beside the one that builds.

    A folder without the file is unfinished; nothing points to it before the file is complete.
    """

    home: Home
    warehouse: Connection
    tables: Mapping[str, Table]
    run_id: str
    as_of: date
    queries: dict[str, Future[str]] = field(default_factory=dict)  # over the parts of a table, by table

    def __post_init__(self) -> None:
        self.folder = self.home.published / self.run_id
        self.connection = self.warehouse.cursor()
        self.writer = ThreadPoolExecutor(1, "publish")
        remove_tree(self.folder)
        self.connection.execute("create temp table stale (table_name varchar, partition date, scope bigint)")

    @property
    def settled(self) -> date:
        """The first day for which records may still come late."""
        return self.as_of - timedelta(days=operator().late_days)

    def write_ahead(self, tables: Iterable[Table]) -> None:
        """Begin to write the parts of tables whose rows are committed; a table that was built once more, anew."""
        for table in tables:
            if is_stored(table):
                self.queries[table.name] = self.writer.submit(self.write_parts, table)

    def publish(self) -> Path:
        """Write what is missing of the run's folder and move `current` to it; returns the file analysts open.

        After a failure, such as a full disk, it may be tried again.
        """
        self.write_ahead(table for table in self.tables.values() if not self.is_written(table))
        views = {name: query.result() for name, query in self.queries.items()}
        views |= {f"ops.{name}": self.write_whole(f"ops.{name}") for name in OPERATIONS}
        self.connection.execute("create or replace table run.stale as from stale")
        building = self.folder / ".building"
        building.unlink(missing_ok=True)
        self.write_views(building, views)
        seal(self.folder)
        building.rename(self.folder / FILE)
        point_to(self.home, self.run_id)
        drop_old_runs(self.home)
        return self.home.current

    def is_written(self, table: Table) -> bool:
        """Whether the parts of a table are written, or about to be."""
        query = self.queries.get(table.name)
        return query is not None and not (query.done() and query.exception())

    def close(self) -> None:
        """End the writing; what was written of a run that is not published goes."""
        self.writer.shutdown(cancel_futures=True)
        self.connection.close()
        if not (self.folder / FILE).exists():
            remove_tree(self.folder)

    def gather_stale(self, table: Table) -> None:
        """Into `stale`: the table's keys whose rows in linked parts would not be those of the warehouse.

        It is temporary until all tables are written, because every change of the warehouse waits for the disk.
        """
        self.connection.execute(
            f"""delete from stale where table_name = {quoted(table.name)};
            insert into stale select * from (from ops.stale union from run.restated) as restated
            anti join run.rewritten using (table_name, partition) where table_name = {quoted(table.name)}"""
        )

    def keep_stale(self, connection: Connection) -> None:
        """Remember them for the next run, in the caller's transaction: the one that calls this run published."""
        connection.execute("delete from ops.stale; insert into ops.stale from run.stale order by all")

    def write_parts(self, table: Table) -> str:
        """The parts of a table; returns the query over them."""
        if not table.is_incremental:
            return self.write_whole(table.name, self.version_of(table))
        target = self.emptied(table.name)
        self.gather_stale(table)
        found = self.connection.execute(f"select {table.header.partition}, count(*) from {table.name} group by all")
        rows: dict[date, int] = dict(found.fetchall())
        kept = self.link_unchanged(table, target, rows, self.outdated(table, rows))
        self.write_days(table, target, rows, rows.keys() - kept)
        listed = ", ".join(f"date '{day}'" for day in sorted(kept)) or "null"
        self.connection.execute(
            f"delete from stale where table_name = '{table.name}' and (partition in ({listed})) is not true"
        )
        if not rows:
            self.connection.execute(f"copy (from {table.name}) to '{target}/empty.parquet' ({PARQUET})")
        whole = reading(sorted(target.iterdir()))
        return self.write_restated(table, target, whole)

    def outdated(self, table: Table, rows: Mapping[date, int]) -> set[date]:
        """Partitions that the run rewrote, and those whose stale rows are many or will hardly become more."""
        name = quoted(table.name)
        rewritten = self.connection.execute(f"select distinct partition from run.rewritten where table_name = {name}")
        found = {row[0] for row in rewritten.fetchall()}
        counted = f"select partition, count(*) from stale where table_name = {name} group by all"
        for partition, keys in self.connection.execute(counted).fetchall():
            last = month_end(partition) if table.header.refresh == "month" else partition
            if last < self.settled or keys > STALE_SHARE * rows.get(partition, 0):
                found.add(partition)
        return found

    def link_unchanged(self, table: Table, target: Path, rows: Mapping[date, int], outdated: set[date]) -> set[date]:
        """Hard links for the parts of the last published run that still hold; returns their days."""
        last = last_published(self.connection)
        kept: set[date] = set()
        if last is None or not rows:
            return kept
        for part in (self.home.published / last / "parts" / table.name).glob("????-??*_*.parquet"):
            days = days_of(part.stem.split("_")[0])
            is_kept = days <= rows.keys() if len(days) == 1 else min(days) >= min(rows)
            if is_kept and not days & outdated:
                os.link(part, target / part.name)
                kept |= days
        return kept

    def write_days(self, table: Table, target: Path, rows: Mapping[date, int], days: set[date]) -> None:
        if not days:
            return
        partition = table.header.partition
        listed = ", ".join(f"date '{day}'" for day in sorted(days))
        months = ", ".join(f"date '{month}'" for month in sorted(self.settled_months(table, rows, days))) or "null"
        part_of = f"""case when date_trunc('month', {partition}) in ({months}) then strftime({partition}, '%Y-%m')
            else {partition}::varchar end"""
        staging = target / ".staging"
        self.connection.execute(
            f"""copy (select *, {part_of} as part_of from {table.name} where {partition} in ({listed}))
            to '{staging}' ({PARQUET}, partition_by (part_of))"""
        )
        for part in sorted(staging.glob("part_of=*/*.parquet")):
            period, number = part.parent.name.removeprefix("part_of="), part.stem.removeprefix("data_")
            part.rename(target / f"{period}_{number}.parquet")
        remove_tree(staging)

    def settled_months(self, table: Table, rows: Mapping[date, int], days: set[date]) -> set[date]:
        """Months to write as one part: all of their days are written, and nothing of them comes late any more.

        Not the oldest one, whose days go one by one when they are not kept any longer.
        """
        if table.header.refresh != "day":
            return set()
        split = {day.replace(day=1) for day in rows.keys() - days} | {min(rows).replace(day=1)}
        return {first for day in days if (first := day.replace(day=1)) not in split and month_end(day) < self.settled}

    def write_restated(self, table: Table, target: Path, whole: str) -> str:
        """The parts with the restated rows and with the keys they replace; returns the query over all parts."""
        of_table = f"from stale where table_name = '{table.name}'"
        if not self.connection.execute(f"select 1 {of_table} limit 1").fetchall():
            return whole
        partition, scope = table.header.partition, table.header.scope
        same = f"rows.{partition} = stale.partition and rows.{scope} = stale.scope"
        keys, restated = target / "stale.parquet", target / "restated.parquet"
        self.connection.execute(
            f"""copy (select partition, scope {of_table} order by all) to '{keys}' ({PARQUET});
            copy (select rows.* from {table.name} as rows
                semi join (select partition, scope {of_table}) as stale on {same})
            to '{restated}' ({PARQUET})"""
        )
        return f"""select rows.* from ({whole}) as rows anti join ({reading([keys])}) as stale on {same}
            union all {reading([restated])}"""

    def emptied(self, name: str) -> Path:
        """The folder of a table's parts, without those of an earlier try."""
        target = self.folder / "parts" / name
        remove_tree(target)
        target.mkdir(parents=True)
        return target

    def version_of(self, table: Table) -> str | None:
        """Two runs in which this is equal hold the same rows of a table that is built whole; None tells nothing."""
        found = self.connection.execute(
            f"select content_hash, definition_hash from ops.table_state where table_name = {quoted(table.name)}"
        ).fetchone()
        return f"{int(found[0]):x}-{found[1]}" if found else None

    def write_whole(self, name: str, version: str | None = None) -> str:
        """A table as one part; a link, if the last published run holds this version of it."""
        target, last = self.emptied(name) / f"{version or 'all'}.parquet", last_published(self.connection)
        before = self.home.published / (last or "none") / target.relative_to(self.folder)
        if version and before.exists():
            os.link(before, target)
        else:
            self.connection.execute(f"copy {name} to '{target}' ({PARQUET})")
        return reading([target])

    def write_views(self, path: Path, views: Mapping[str, str]) -> None:
        """The file of views. They name the run's own folder, so a reader never sees two nights at once."""
        opened = duckdb.connect(path, config={"storage_compatibility_version": "v1.4.0"})
        with opened as connection, transaction(connection):  # all the comments wait for the disk once
            for macro in MACROS:
                connection.execute(macro)
            self.tell_as_of(connection)
            for name, query in views.items():
                self.create_view(connection, name, query)
            for table in self.tables.values():
                if table.header.public and table.header.refresh == "view":
                    self.create_view(connection, table.name, table.sql)

    def create_view(self, connection: Connection, name: str, query: str) -> None:
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
        connection.execute(f"create view {name} as {query}")
        if table := self.tables.get(name):
            told = [f"comment on view {name} is {quoted(table.header.description)}"]
            for column, meaning in table.header.meanings().items():
                told.append(f"comment on column {name}.{column} is {quoted(meaning)}")
            connection.execute("; ".join(told))

    def tell_as_of(self, connection: Connection) -> None:
        connection.execute(
            """create table as_of (as_of date, run_id varchar, published_at timestamp, schema_version integer);
            comment on table as_of is 'The business day that the published tables close, and their run.'"""
        )
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        insert(connection, "as_of", [(self.as_of, self.run_id, now, SCHEMA_VERSION)])


def is_stored(table: Table) -> bool:
    """Whether a table's rows are published; other public ones are views over these."""
    return table.header.public and table.header.refresh != "view"


def days_of(period: str) -> set[date]:
    """The days of a part, which is named after its day or its month."""
    first = date.fromisoformat(f"{period}-01"[:10])
    last = first if len(period) == 10 else month_end(first)
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def reading(parts: Iterable[Path]) -> str:
    listed = ", ".join(quoted(str(part)) for part in parts)
    return f"from read_parquet([{listed}], hive_partitioning = false)"
