"""Before a night ingests: what remote systems hold is brought into the landing folder, system by system."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from pipelines.engine.connect.changes import Cut
from pipelines.engine.connect.database import Entries, entries_of, fetch_tables
from pipelines.engine.connect.patience import FetchError, Patience
from pipelines.engine.contract import System, Table
from pipelines.engine.home import Home, operator
from pipelines.engine.ledger import Ledger
from pipelines.engine.secrets import Connection, SecretError, connection


class Progress(Protocol):
    """Whoever watches."""

    def step(self, name: str, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class Missed:
    """A table that could not be fetched; its day stays missing until a fetch succeeds, which then brings all rows."""

    where: str
    message: str
    blocking: bool


def fetch(
    home: Home,
    systems: Mapping[str, System],
    day: date,
    *,
    patience: Patience | None = None,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> list[Missed]:
    """Fetch what the night of a day does not have yet; deliveries are dated and received so that this night knows them.

    `now` is UTC without zone. The caller holds the writer lock. Returns what failed, in words without credentials.
    """
    remote = [system for system in systems.values() if system.connector != "file"]
    if not remote:
        return []
    moment = now or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    cut = Cut(day, operator().known_at(day), moment)
    entries = entries_of(Ledger(home.lake).deliveries())
    missed: list[Missed] = []
    for number, system in enumerate(remote):
        if progress:
            progress.step(f"fetch {system.name}", number, len(remote))
        missed += _fetch_system(home, system, entries, cut, patience or Patience())
    return missed


def _fetch_system(home: Home, system: System, entries: Entries, cut: Cut, patience: Patience) -> Iterator[Missed]:
    try:
        link = connection(system.connection or "")
    except SecretError as error:
        yield _missed(system, list(system.tables.values()), str(error))
        return
    for table, error in fetch_tables(home, system, link, entries, cut, patience):
        if error:
            yield _missed(system, [table], told(link, table, error))


def told(link: Connection, table: Table, error: FetchError) -> str:
    """A failed fetch for people: which table of which system at which host, what happened, and what to do."""
    return link.redact(
        f"{table.label} was not fetched from {link.scheme} at {link.host} (connection '{link.name}'): {error}; "
        "its rows are not lost, the next fetch brings them: see whether the server answers and the account may read, "
        "then run the night again"
    )


def _missed(system: System, tables: Sequence[Table], message: str) -> Missed:
    where = tables[0].label if len(tables) == 1 else system.name
    return Missed(where, message, any(table.blocking for table in tables))
