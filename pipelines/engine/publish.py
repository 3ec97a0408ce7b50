"""What analysts open: a run folder of immutable Parquet parts and one small DuckDB file of views over them.

Parts that the night did not rewrite are hard links into the run before, so publishing costs what the night rewrote.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.engine.home import Home
from pipelines.engine.ops import insert
from pipelines.engine.table import Table
from pipelines.engine.warehouse import MACROS, Connection, quoted

FILE = "bassline.duckdb"
SCHEMA_VERSION = 1
KEPT_RUNS = 3
OPERATIONS = (
    "delivery", "delivery_note", "completeness", "check_result", "restatement", "recon", "rule_check", "scorecard",
    "run",
)  # fmt: skip


class UnknownRun(Exception):
    """The run that publishing should go back to is not there."""


@dataclass(frozen=True)
class Publisher:
    """Publishes one run of a home from the warehouse connection that wrote it."""

    home: Home
    connection: Connection
    tables: Mapping[str, Table]
    run_id: str
    as_of: date

    def publish(self, rewritten: dict[str, set[date]]) -> Path:
        """Write the run folder and move `current` to it; returns the file analysts open.

        A folder without the file is unfinished; nothing points to it before the file is complete.
        """
        folder = self.home.published / self.run_id
        shutil.rmtree(folder, ignore_errors=True)
        parts = {table.name: self.write_parts(table, folder, rewritten) for table in self.stored()}
        parts |= {f"ops.{name}": self.write_whole(f"ops.{name}", folder) for name in OPERATIONS}
        self.write_views(
            folder / ".building", {name: [folder / "parts" / p for p in found] for name, found in parts.items()}
        )
        seal(folder)
        (folder / ".building").rename(folder / FILE)
        point_to(self.home, self.run_id)
        drop_old_runs(self.home)
        return self.home.current

    def stored(self) -> list[Table]:
        """Public tables whose rows are published; the others are views over these."""
        return [table for table in self.tables.values() if table.header.public and table.header.refresh != "view"]

    def write_parts(self, table: Table, folder: Path, rewritten: dict[str, set[date]]) -> list[str]:
        if not table.is_incremental:
            return self.write_whole(table.name, folder)
        target = folder / "parts" / table.name
        target.mkdir(parents=True)
        partition = table.header.partition
        found = self.connection.execute(f"select distinct {partition} from {table.name}").fetchall()
        days = {row[0] for row in found}
        kept = self.link_unchanged(table, target, days - rewritten.get(table.name, set()))
        self.write_days(table, target, days - kept)
        if not days:
            self.connection.execute(f"copy (from {table.name}) to '{target}/empty.parquet' (format parquet)")
        return sorted(f"{table.name}/{path.name}" for path in target.iterdir())

    def link_unchanged(self, table: Table, target: Path, days: set[date]) -> set[date]:
        """Hard links for the days whose parts the run in force already has; returns those days."""
        old = self.home.published / "current" / "parts" / table.name
        kept = set()
        for part in old.glob("????-??-??-*.parquet"):
            day = date.fromisoformat(part.name[:10])
            if day in days:
                os.link(part, target / part.name)
                kept.add(day)
        return kept

    def write_days(self, table: Table, target: Path, days: set[date]) -> None:
        if not days:
            return
        partition = table.header.partition
        listed = ", ".join(f"date '{day}'" for day in sorted(days))
        staging = target / ".staging"
        self.connection.execute(
            f"""copy (select *, {partition} as part_of from {table.name} where {partition} in ({listed}))
            to '{staging}' (format parquet, compression zstd, partition_by (part_of))"""
        )
        for part in sorted(staging.glob("part_of=*/*.parquet")):
            day, number = part.parent.name.removeprefix("part_of="), part.stem.removeprefix("data_")
            part.rename(target / f"{day}-{number}.parquet")
        shutil.rmtree(staging)

    def write_whole(self, name: str, folder: Path) -> list[str]:
        target = folder / "parts" / name
        target.mkdir(parents=True)
        self.connection.execute(f"copy {name} to '{target}/all.parquet' (format parquet, compression zstd)")
        return [f"{name}/all.parquet"]

    def write_views(self, path: Path, parts: dict[str, list[Path]]) -> None:
        """The file of views. They name the run's own folder, so a reader never sees two nights at once."""
        with duckdb.connect(path, config={"storage_compatibility_version": "v1.4.0"}) as connection:
            for macro in MACROS:
                connection.execute(macro)
            self.tell_as_of(connection)
            for name, files in parts.items():
                listed = ", ".join(f"'{file}'" for file in files)
                self.create_view(connection, name, f"from read_parquet([{listed}], hive_partitioning = false)")
            for table in self.tables.values():
                if table.header.public and table.header.refresh == "view":
                    self.create_view(connection, table.name, table.sql)

    def create_view(self, connection: Connection, name: str, query: str) -> None:
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
        connection.execute(f"create view {name} as {query}")
        if table := self.tables.get(name):
            connection.execute(f"comment on view {name} is {quoted(table.header.description)}")
            for column, meaning in table.header.meanings().items():
                connection.execute(f"comment on column {name}.{column} is {quoted(meaning)}")

    def tell_as_of(self, connection: Connection) -> None:
        connection.execute(
            """create table as_of (as_of date, run_id varchar, published_at timestamp, schema_version integer);
            comment on table as_of is 'The business day that the published tables close, and their run.'"""
        )
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        insert(connection, "as_of", [(self.as_of, self.run_id, now, SCHEMA_VERSION)])


def seal(folder: Path) -> None:
    """Make every file of a run read-only and durable; one wait for the disk instead of one per file."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o222:
            path.chmod(0o444)
    os.sync()


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def point_to(home: Home, run_id: str) -> None:
    """Move `current` to a run, atomically. Raises UnknownRun listing the runs there are."""
    if not (home.published / run_id / FILE).exists():
        raise UnknownRun(f"{home.published}: holds no run {run_id}; there are {', '.join(runs(home)) or 'none'}")
    link = home.published / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(run_id)
    link.replace(home.published / "current")
    sync(home.published)


def runs(home: Home) -> list[str]:
    """Ids of the complete runs, oldest first."""
    return sorted(path.parent.name for path in home.published.glob(f"*/{FILE}") if not path.parent.is_symlink())


def drop_old_runs(home: Home) -> None:
    """Keep the last three runs, the last run of each month end, and the one in force."""
    complete = runs(home)
    month_ends = {run[:10]: run for run in complete if is_month_end(date.fromisoformat(run[:10]))}
    kept = {*complete[-KEPT_RUNS:], *month_ends.values(), (home.published / "current").resolve().name}
    for folder in home.published.iterdir():
        if folder.is_dir() and not folder.is_symlink() and folder.name not in kept:
            shutil.rmtree(folder)


def is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1
