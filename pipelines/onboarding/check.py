"""A dry run: what would become of deliveries. Reads the landing folder and the ledger, writes outside the home only."""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipelines.engine import quarantine
from pipelines.engine.contract import System, Table
from pipelines.engine.home import Home, operator
from pipelines.engine.ingest import Batch
from pipelines.engine.landing import MANIFEST, LandedFile, Manifest, Pending, Scan, Waiting
from pipelines.engine.ledger import Ledger
from pipelines.engine.load import Candidate
from pipelines.engine.workbench import Workbench, workbench

EVER = date(9000, 1, 1)  # as of this day a dry run knows whatever has landed
LONG_AGO = date(1900, 1, 1)


@dataclass(frozen=True)
class Broken:
    """Rows that break one rule; the example is masked where its table holds personal data."""

    column: str | None
    rule: str
    rows: int
    example: str | None


@dataclass(frozen=True)
class Verdict:
    """What would become of one delivery. A refused one has a reason, and none of its rows would be accepted."""

    table: str
    data_date: date
    redo: int
    files: tuple[str, ...]
    rows: int
    accepted: int
    quarantined: int
    reason: str | None
    notes: tuple[str, ...]
    broken: tuple[Broken, ...]


@dataclass(frozen=True)
class Rehearsal:
    """Every delivery that a night would look at, and what it would leave waiting."""

    verdicts: tuple[Verdict, ...]
    waiting: tuple[Waiting, ...]

    @property
    def is_clean(self) -> bool:
        return not self.waiting and not any(verdict.reason or verdict.quarantined for verdict in self.verdicts)


class NoSuchFile(Exception):
    """A file that no table of the system would take."""


def check(home: Home, system: System) -> Rehearsal:
    """All that lies in the landing folder of a system and is not loaded."""
    scan = Scan(home.landing, Ledger(home.lake), as_of=EVER, not_before=LONG_AGO)
    landing = scan.look({system.name: system})
    return Rehearsal(tuple(rehearsed(landing.pending)), landing.waiting)


def check_file(path: Path, system: System) -> Rehearsal:
    """One file, wherever it lies, for every table that has files of its name. Raises NoSuchFile."""
    owners = [(table, found) for table in system.tables.values() if (found := table.match(path.name)) is not None]
    if not path.is_file() or not owners:
        patterns = ", ".join(sorted({table.files for table in system.tables.values()}))
        missing = "is not there" if not path.is_file() else f"is no file of {system.name}, whose files are {patterns}"
        raise NoSuchFile(f"{path}: {missing}")
    pending = [pending_of(path, table, found) for table, found in owners]
    return Rehearsal(tuple(rehearsed(pending)), ())


def pending_of(path: Path, table: Table, found: dict[str, str]) -> Pending:
    """The file as a delivery of its own; the manifest beside it is asked, if there is one."""
    state = path.stat()
    received_at = datetime.fromtimestamp(state.st_mtime, UTC).replace(tzinfo=None)
    first = operator().first_night(received_at)
    day = datetime.strptime(found["date"], "%Y%m%d").date() if found.get("date") else table.data_date or first
    redo = int(found.get("redo") or 0)
    manifest = path.parent / f"{table.name}_{day:%Y%m%d}.r{redo}.manifest.json"
    promise = None
    if MANIFEST.fullmatch(manifest.name) and manifest.exists():
        named = Manifest.model_validate_json(manifest.read_bytes()).files
        promise = next((file for file in named if file.name == path.name), None)
    return Pending(table, day, redo, received_at, first, (LandedFile(path, promise),), state.st_size, "")


def rehearsed(pending: Sequence[Pending]) -> Iterable[Verdict]:
    """Table by table, so that no more than one table's deliveries are held at once."""
    with tempfile.TemporaryDirectory(prefix="bassline-check-") as folder:
        scratch = Home(Path(folder))
        with workbench(scratch) as bench:
            for label in dict.fromkeys(found.table.label for found in pending):
                batch = Batch(scratch, Ledger(scratch.lake), bench, "check", None)
                candidates = batch.rehearse([found for found in pending if found.table.label == label])
                yield from [verdict(bench, candidate) for candidate in candidates]


def verdict(bench: Workbench, candidate: Candidate) -> Verdict:
    broken = bench.run(
        f"""select column_name, rule, count(*), min(excerpt) from {quarantine.TABLE}
        where delivery_id = {candidate.delivery_id} group by column_name, rule
        order by count(*) desc, column_name, rule"""
    )
    found, rows = candidate.pending, candidate.rows
    return Verdict(
        found.table.label, found.data_date, found.redo, tuple(file.path.name for file in found.files), rows,
        0 if candidate.reason else rows - candidate.rejected, candidate.rejected, candidate.reason,
        tuple(candidate.notes), tuple(Broken(*row) for row in broken),
    )  # fmt: skip
