"""Tables of a database as deliveries: what was added, changed or deleted since the last one, in one Parquet file."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from pipelines.engine.connect.changes import Changes, Cut, Fetched, beginning
from pipelines.engine.connect.patience import FetchError, Patience
from pipelines.engine.connect.session import Session
from pipelines.engine.connect.state import Past, Slot, open_file, seal_file
from pipelines.engine.contract import System, Table
from pipelines.engine.decode import DeliveryError, hash_file
from pipelines.engine.home import Home
from pipelines.engine.ledger import Delivery, sync_folder, write_durably
from pipelines.engine.preflight import match_header
from pipelines.engine.seal import SealError
from pipelines.engine.secrets import Connection

Entries = Mapping[tuple[str, str], Mapping[Slot, Delivery]]
"""The last entry of the ledger for each slot of a system's table."""


def fetch_tables(
    home: Home, system: System, connection: Connection, entries: Entries, cut: Cut, patience: Patience
) -> Iterator[tuple[Table, FetchError | None]]:
    """Fetch every table whose day has no delivery that stands; yields each of them when it is done or has failed."""
    folder = home.landing / system.name
    pasts = {name: Past.of(folder, name, entries.get((system.name, name), {})) for name in system.tables}
    due = [table for name, table in system.tables.items() if not pasts[name].covers(_since(table, cut.day))]
    if not due:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with Session(connection, patience) as session:
        for table in due:
            fetch = TableFetch(home, table, pasts[table.name], cut, session)
            try:
                patience.insist(fetch.run)
            except FetchError as error:
                yield table, error
            else:
                yield table, None


class TableFetch:
    """One table's fetch. Nothing is left behind by a try that fails; the manifest, written last, makes it count."""

    def __init__(self, home: Home, table: Table, past: Past, cut: Cut, session: Session) -> None:
        self.home, self.table, self.past, self.cut, self.session = home, table, past, cut, session
        self.spill = home.spill / "fetch"
        self.source = {"query": table.query} if table.query else {"relation": table.relation or ""}

    def run(self) -> None:
        """Raises FetchError."""
        shutil.rmtree(self.spill, ignore_errors=True)
        self.spill.mkdir(parents=True, mode=0o700)
        before = os.umask(0o077)
        try:
            self._deliver(*self._read())
        except DeliveryError as error:
            raise FetchError(str(error)) from None
        finally:
            os.umask(before)
            shutil.rmtree(self.spill, ignore_errors=True)

    def _read(self) -> tuple[Fetched, Path | None]:
        state = self._state()
        described = self.session.describe(self.source)
        names = [name for name, _ in described]
        own = _without_own(self.table)
        fields, _ = match_header(self.table.label, names, own, own)  # without one, every row would seem changed
        headers = {field: name for field, name in zip(fields, names, strict=True) if field}
        wanted = {name: kind for name, kind in described if name in headers.values()}
        bound = beginning(self.table, state, headers.get(self.table.watermark or "", ""))
        path = self.spill / "fetched.parquet"
        self.session.read(self.source, wanted, bound, path)
        types = _types(path)
        return Fetched(path, {field: (name, types[name]) for field, name in headers.items()}), state

    def _state(self) -> Path | None:
        sealed = self.past.state()
        try:
            return sealed and open_file(self.home, sealed, self.spill / "known.parquet")
        except SealError:
            raise FetchError(
                f"{sealed}: what the last fetch remembered does not open with the key 'fetch' that is there; put the "
                "key back, or remove the file to fetch all rows once more"
            ) from None

    def _deliver(self, fetched: Fetched, state: Path | None) -> None:
        slot = self.past.next_slot(self.cut.day)
        stem = f"{self.table.name}_{slot[0]:%Y%m%d}.r{slot[1]}"
        target = self.past.folder / f"{stem}.parquet"
        unfinished = target.with_name(f".{target.name}.tmp")
        after = self.spill / "state.parquet"
        try:
            rows = Changes(self.home, self.table, fetched, state, self.cut).write(unfinished, after)
            seal_file(self.home, after, self.past.path(slot))
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            sha256, size = hash_file(unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(target.parent)
        manifest = {
            "system": self.table.system, "table": self.table.name, "data_date": str(slot[0]), "redo": slot[1],
            "delivered_at": f"{min(self.cut.at, self.cut.now).isoformat(timespec='seconds')}Z",
            "files": [{"name": target.name, "bytes": size, "sha256": sha256, "rows": rows}],
        }  # fmt: skip
        write_durably(self.past.folder / f"{stem}.manifest.json", json.dumps(manifest, indent=1))
        self.past.prune()


def _without_own(table: Table) -> dict:
    from pipelines.engine.connect.declared import DELETED

    return {name: column for name, column in table.columns.items() if not (table.tells_deletions and name == DELETED)}


def _types(path: Path) -> dict[str, str]:
    import pyarrow.parquet as pq

    return {field.name: str(field.type) for field in pq.read_schema(path)}


def _since(table: Table, day: date) -> date:
    """The day for which the newest delivery is due: fetched later, it is for that day too."""
    match table.cadence:
        case "monthly":
            return day.replace(day=1)
        case "yearly":
            return day.replace(month=1, day=1)
        case _:
            return day


def entries_of(deliveries: Iterable[Delivery]) -> Entries:
    found: dict[tuple[str, str], dict[Slot, Delivery]] = {}
    for entry in deliveries:
        found.setdefault((entry.system, entry.table), {})[entry.data_date, entry.redo] = entry
    return found
