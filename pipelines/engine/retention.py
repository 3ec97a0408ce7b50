"""How long things are kept: detail in the lake, partitions of the warehouse, delivered files, rejected rows.

A table says `keep` beside its other promises. What the lake no longer has is written down in `lake/expired.jsonl`, so
that a rebuild of a day that needs it says so.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from pipelines.engine.contract import System
from pipelines.engine.declaration import first_kept
from pipelines.engine.home import Home, operator
from pipelines.engine.ledger import Delivery, Ledger, write_durably
from pipelines.engine.quarantine import SUFFIX
from pipelines.engine.removal import remove

LANDING = "landing"


def retire(home: Home, systems: Mapping[str, System], as_of: date) -> int:
    """Remove what is older than it may be, once the night of `as_of` has published; the number of files removed.

    First it is written down what the lake lacks from now on: a file that is still there does no harm.
    """
    limits = {
        table.label: first_kept(as_of, table.keep)
        for system in systems.values() for table in system.tables.values() if table.keep
    }  # fmt: skip
    limits[LANDING] = as_of - timedelta(days=operator().landing_days)
    before = expired(home.lake)
    _write_expired(home.lake, before | {label: max(day, before.get(label, day)) for label, day in limits.items()})
    gone: list[Path] = []
    for entry in Ledger(home.lake).deliveries():
        label = f"{entry.system}.{entry.table}"
        if before.get(label, date.min) <= entry.data_date < limits.get(label, date.min):
            gone += (home.lake / part.path for part in entry.parts)
        if entry.status == "loaded" and before.get(LANDING, date.min) <= entry.known_on < limits[LANDING]:
            gone += _originals(home, entry)
    return remove(gone)


def _originals(home: Home, entry: Delivery) -> Iterator[Path]:
    """What was delivered, and of that what was rejected."""
    folder = home.landing / entry.system
    yield from (folder / file.name for file in entry.files)
    yield folder / f"{entry.table}_{entry.data_date:%Y%m%d}.r{entry.redo}.manifest.json"
    if entry.rejected:
        yield from home.quarantine.glob(f"*/{entry.delivery_id:08d}{SUFFIX}")


def expired(lake: Path) -> dict[str, date]:
    """For each source table of which the lake lacks old deliveries: the first data date that it still has."""
    path = lake / "expired.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return {entry["table"]: date.fromisoformat(entry["first_kept"]) for entry in map(json.loads, lines)}


def _write_expired(lake: Path, limits: Mapping[str, date]) -> None:
    rows = [json.dumps({"table": label, "first_kept": str(day)}) for label, day in sorted(limits.items())]
    write_durably(lake / "expired.jsonl", "".join(f"{row}\n" for row in rows))
