"""Before a night ingests: what remote systems hold is brought into the landing folder, system by system."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from pipelines.engine.connect.changes import Cut
from pipelines.engine.connect.database import entries_of, fetch_tables
from pipelines.engine.connect.mirror import mirror
from pipelines.engine.connect.patience import FetchError, Patience
from pipelines.engine.contract import System, Table
from pipelines.engine.home import Home, operator
from pipelines.engine.ledger import Delivery, Ledger
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
    deliveries = Ledger(home.lake).deliveries()
    missed: list[Missed] = []
    for number, system in enumerate(remote):
        if progress:
            progress.step(f"fetch {system.name}", number, len(remote))
        missed += _fetch_system(home, system, deliveries, cut, patience or operator().fetch)
    return missed


def _fetch_system(
    home: Home, system: System, deliveries: list[Delivery], cut: Cut, patience: Patience
) -> Iterator[Missed]:
    try:
        link = connection(system.connection or "")
    except SecretError as error:
        yield _missed(system, system.name, str(error))
        return
    if system.connector == "remote":
        for name, error in mirror(home, system, link, deliveries, patience):
            if error:
                where = f"{system.name}/{name}" if name else system.name
                yield _missed(system, where, told(link, where, error))
        return
    try:
        for table, error in fetch_tables(home, system, link, entries_of(deliveries), cut, patience):
            if error:
                yield _missed(system, table.label, told(link, table.label, error), table)
    except SecretError as error:
        yield _missed(system, system.name, str(error))


def told(link: Connection, what: str, error: FetchError) -> str:
    """A failed fetch for people: what of which system at which host, what happened, and what to do."""
    return link.redact(
        f"{what} was not fetched from {link.scheme} at {link.host} (connection '{link.name}'): {error}; "
        "nothing is lost, the next fetch brings it: see whether the server answers and the account may read, "
        "then run the night again"
    )


def _missed(system: System, where: str, message: str, table: Table | None = None) -> Missed:
    tables = [table] if table else system.tables.values()
    return Missed(where, message, any(one.blocking for one in tables))
