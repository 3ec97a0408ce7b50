"""Any past night again: from the lake alone into a scratch warehouse, table by table equal to what was recorded."""

import time
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.engine import ops
from pipelines.engine.build import Builder
from pipelines.engine.contract import load_contracts
from pipelines.engine.home import Home
from pipelines.engine.ledger import Delivery, Ledger
from pipelines.engine.lock import writer_lock
from pipelines.engine.raw import create_views, register_deliveries
from pipelines.engine.retention import expired
from pipelines.engine.table import HeaderError, load_tables
from pipelines.engine.warehouse import Connection, writing


class NeverClosed(Exception):
    """The day to rebuild has not been closed by a night."""


@dataclass(frozen=True)
class RebuiltTable:
    """A table rebuilt: verdict equal, differs, definition changed, or beyond retention (the lake lacks deliveries).

    `changed` are the tables whose definition is another one since: itself, or those that it reads, through others or
    directly, such as the fitted weights that it applies.
    """

    table: str
    verdict: str
    recorded: str
    rebuilt: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class RebuildReport:
    """What rebuilding a day showed."""

    day: date
    tables: list[RebuiltTable]
    seconds: float

    @property
    def differing(self) -> list[RebuiltTable]:
        return [table for table in self.tables if table.verdict == "differs"]


def rebuild(home: Home, day: date) -> RebuildReport:
    """Build the tables as the night of a day left them, and compare content hashes. Raises NeverClosed."""
    began = time.perf_counter()
    recorded = recorded_hashes(home, day)
    with scratch(home, f"rebuild-{day}.duckdb") as connection:
        rebuilt = build_from_lake(home, connection, day)
    return RebuildReport(day, judged(recorded, rebuilt, beyond_retention(home)), time.perf_counter() - began)


def judged(
    recorded: Mapping[str, tuple[str, str]], rebuilt: Mapping[str, tuple[str, str]], lacking: Collection[str]
) -> list[RebuiltTable]:
    """Each table that was recorded, by content and definition hash; `rebuilt` is in building order."""
    tables, verdicts = load_tables(), []
    changed: dict[str, set[str]] = {}
    for name, found in rebuilt.items():
        is_other = name in recorded and recorded[name][1] != found[1]
        below = {cause for source in tables[name].sources for cause in changed.get(source, ())}
        causes = {name} if is_other else below
        is_same = name in recorded and recorded[name][0] == found[0] and tables[name].header.refresh != "view"
        changed[name] = set() if is_same else causes  # what holds the same rows changes nothing further on
        if name in recorded:
            said = verdict(recorded[name], found, lacks=name in lacking, has_changed=bool(below))
            told = tuple(sorted(causes)) if said == "definition changed" else ()
            verdicts.append(RebuiltTable(name, said, recorded[name][0], found[0], told))
    return verdicts


def verdict(
    recorded: tuple[str, str], rebuilt: tuple[str, str], *, lacks: bool = False, has_changed: bool = False
) -> str:
    """`has_changed`: a definition of what the table reads is another one, so that nothing is said about its own."""
    if recorded[1] != rebuilt[1]:
        return "definition changed"
    if recorded[0] == rebuilt[0]:
        return "equal"
    return "definition changed" if has_changed else "beyond retention" if lacks else "differs"


def beyond_retention(home: Home) -> set[str]:
    """The tables that read, through others or directly, deliveries which the lake does not keep any more."""
    first = min((entry.data_date for entry in Ledger(home.lake).deliveries()), default=date.max)
    gone = {f"raw_{label}" for label, day in expired(home.lake).items() if day > first}
    found: set[str] = set()
    for table in load_tables().values():  # in building order: after those they read
        if table.sources & (gone | found):
            found.add(table.name)
    return found


def recorded_hashes(home: Home, day: date) -> dict[str, tuple[str, str]]:
    """Content and definition hash per table, of the run that closed a day."""
    with writer_lock(home.root / "night.lock", f"rebuild of {day}"), writing(home.warehouse, home) as connection:
        ops.prepare(connection)
        found = connection.execute(
            f"""select table_name, content_hash, definition_hash from ops.table_run
            where run_id = (select max(run_id) from ops.run where to_day = date '{day}' and status = 'published')"""
        ).fetchall()
    if not found:
        raise NeverClosed(f"{home.warehouse}: no night closed {day}; `bassline status` says what is closed")
    return {name: (content, definition) for name, content, definition in found}


@contextmanager
def scratch(home: Home, name: str) -> Generator[Connection]:
    path = home.spill / name
    remove(path)
    try:
        with writing(path, home) as connection:
            ops.prepare(connection)
            yield connection
    finally:
        remove(path)


def remove(path: Path) -> None:
    for file in (path, path.with_name(path.name + ".wal")):
        file.unlink(missing_ok=True)


def build_from_lake(home: Home, connection: Connection, day: date) -> dict[str, tuple[str, str]]:
    """One set-based pass over every day up to `day`, knowing only what was known then."""
    entries, tables = Ledger(home.lake).deliveries(), load_tables()
    builder = Builder(connection, tables, f"rebuild-{day}", first_day(entries), day, home.models)
    register_deliveries(connection, entries, day)
    builder.anew = builder.outdated()
    create_views(builder.sql, load_contracts(), builder.read_whole(), entries, home.lake)
    runs = [builder.build(table) for table in tables.values()]
    builder.settle()
    return {run.table: (run.content_hash, tables[run.table].definition_hash) for run in runs}


def first_day(entries: list[Delivery]) -> date:
    return min(entry.known_on for entry in entries)


def backfill(home: Home, name: str, from_day: date) -> int:
    """Apply a table's present definition to its past, from a day on; returns the table's rows.

    A table whose columns changed is made anew, so it must be filled from its first day.
    The next night publishes what was filled. Raises HeaderError and NeverClosed.
    """
    tables = load_tables()
    if name not in tables or not tables[name].is_incremental:
        filled = ", ".join(table.name for table in tables.values() if table.is_incremental)
        raise HeaderError(
            f"{name}: is no table with day or month partitions; every night rebuilds the others ({filled})"
        )
    with writer_lock(home.root / "night.lock", f"backfill of {name}"), writing(home.warehouse, home) as connection:
        ops.prepare(connection)
        last, first = ops.last_closed(connection), ops.first_closed(connection)
        if last is None or first is None or ops.is_unfinished(connection):
            raise NeverClosed(
                f"{home.warehouse}: no night has run yet, or the last one did not publish; finish it first"
            )
        builder = Builder(connection, tables, f"backfill-{last}", from_day, last, home.models)
        if not builder.has_columns_of(tables[name]):
            if from_day > first:
                raise HeaderError(
                    f"{tables[name].path}: the columns of {name} changed; `bassline backfill {name} --from {first}` "
                    "makes the whole table anew"
                )
            builder.anew.add(name)
        run = builder.build(tables[name])
        builder.settle()
        return run.rows
