"""What lies in the landing folder and is not in the ledger yet: deliveries to load, and what has to wait and why."""

import hashlib
import os
import re
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from pipelines.engine.contract import System, Table
from pipelines.engine.decode import hash_file
from pipelines.engine.home import operator, to_utc
from pipelines.engine.ledger import Delivery, Ledger

MANIFEST = re.compile(r"(?P<table>[a-z][a-z0-9_]*)_(?P<date>\d{8})\.r(?P<redo>\d{1,4})\.manifest\.json")
PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")
CHANGED = "changed after it was loaded; the lake keeps what it has, deliver the change as r{}"
SETTLED_S = 5  # without a manifest, a file touched more recently than this may still be growing

Slot = tuple[str, str, date, int]


class ManifestFile(BaseModel):
    """One file as its sender describes it."""

    model_config = ConfigDict(frozen=True)

    name: str
    bytes: int
    sha256: str
    rows: int
    sums: dict[str, Decimal] = {}


class Manifest(BaseModel):
    """What the sender of a delivery says about it; written after the files."""

    model_config = ConfigDict(frozen=True)

    system: str
    table: str
    data_date: date
    redo: int
    delivered_at: AwareDatetime
    files: tuple[ManifestFile, ...]


@dataclass(frozen=True)
class LandedFile:
    """A file of a delivery, with the sender's promise about it where there is a manifest."""

    path: Path
    promise: ManifestFile | None = None


@dataclass(frozen=True)
class Pending:
    """A delivery to be loaded. `fault` is set when its manifest alone is reason enough to refuse it."""

    table: Table
    data_date: date
    redo: int
    received_at: datetime
    known_on: date
    files: tuple[LandedFile, ...]
    bytes: int
    fingerprint: str
    fault: str | None = None

    @property
    def slot(self) -> Slot:
        return self.table.system, self.table.name, self.data_date, self.redo

    @property
    def title(self) -> str:
        return f"{self.table.label} {self.data_date} r{self.redo}"


@dataclass(frozen=True)
class Waiting:
    """Something landed that cannot be judged yet."""

    where: str
    reason: str


@dataclass(frozen=True)
class Landing:
    """One look at the landing folder."""

    pending: tuple[Pending, ...]
    waiting: tuple[Waiting, ...]


class Scan:
    """Looks through the landing folder for what a run over the nights not_before to as_of may know."""

    def __init__(self, folder: Path, ledger: Ledger, *, as_of: date, not_before: date) -> None:
        self.folder, self.as_of, self.not_before, self.since = folder, as_of, not_before, ledger.written_ns()
        self.known_at = operator().known_at(as_of)
        self.decided: dict[Slot, Delivery] = {entry.slot: entry for entry in ledger.deliveries()}
        self.pending: list[Pending] = []
        self.waiting: list[Waiting] = []

    def look(self, systems: Mapping[str, System]) -> Landing:
        for system in systems.values():
            folder = self.folder / system.name
            if folder.is_dir():
                with os.scandir(folder) as entries:
                    found = sorted((entry for entry in entries if not _unfinished(entry.name)), key=lambda e: e.name)
                self._system(system, {entry.name: entry for entry in found})
        order = sorted(self.pending, key=lambda found: (found.known_on, *found.slot))
        return Landing(tuple(order), tuple(self.waiting))

    def _system(self, system: System, present: Mapping[str, os.DirEntry[str]]) -> None:
        manifests = {
            (m["table"], m["date"], int(m["redo"])): m[0] for name in present if (m := MANIFEST.fullmatch(name))
        }
        for (table, day, redo), name in manifests.items():
            self._manifest(system, present[name], table, day, redo, present)
        claimed = set(manifests)
        for name, entry in present.items():
            if not name.endswith(".manifest.json"):
                self._file(system, entry, claimed)

    def _manifest(
        self, system: System, entry: os.DirEntry[str], name: str, day: str, redo: int, present: Container[str]
    ) -> None:
        where, table, data_date = f"{system.name}/{entry.name}", system.tables.get(name), _day(day)
        if table is None or data_date is None:
            self.waiting.append(Waiting(where, f"'{name}' on '{day}' is no table and day known"))
            return
        if data_date > self.as_of + timedelta(days=1):
            return
        last = self.decided.get((system.name, name, data_date, redo))
        if last and last.status == "loaded":
            if entry.stat(follow_symlinks=False).st_mtime_ns > self.since:
                self._changed(where, Path(entry).read_bytes(), last)
            return
        text = Path(entry).read_bytes()
        try:
            manifest = Manifest.model_validate_json(text)
        except ValidationError as error:
            fault = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            self.waiting.append(Waiting(where, f"the manifest cannot be read: {fault}"))
            return
        received_at = to_utc(manifest.delivered_at)
        if received_at > self.known_at:
            return
        if missing := [file.name for file in manifest.files if file.name not in present]:
            reason = f"the manifest names {', '.join(missing)}, which is not there; the delivery waits for it"
            self.waiting.append(Waiting(where, reason))
            return
        fault = _manifest_fault(manifest, table, data_date, redo)
        files = tuple(LandedFile(Path(entry).parent / file.name, file) for file in manifest.files)
        self._add(table, data_date, redo, received_at, files if fault is None else (), text, fault)

    def _changed(self, where: str, manifest: bytes, loaded: Delivery) -> None:
        """What is loaded stays; a manifest rewritten since the last ingest is told about if it names other bytes."""
        try:
            files = Manifest.model_validate_json(manifest).files
        except ValidationError:
            return
        if {(file.name, file.sha256) for file in files} != {(file.name, file.sha256) for file in loaded.files}:
            self.waiting.append(Waiting(where, CHANGED.format(loaded.redo + 1)))

    def _file(self, system: System, entry: os.DirEntry[str], claimed: set[tuple[str, str, int]]) -> None:
        """A file is claimed by its delivery's manifest, or is a delivery itself, or waits."""
        where, tables = f"{system.name}/{entry.name}", system.tables.values()
        owners = [(table, found) for table in tables if (found := table.match(entry.name)) is not None]
        if not owners or not PLAIN_NAME.fullmatch(entry.name):
            self.waiting.append(
                Waiting(repr(where), "no table of the contract has files of this name; it stays unread")
            )
        elif system.manifest == "none":
            for table, found in owners:
                self._bare(table, Path(entry), found)
        elif not any((table.name, found["date"], int(found.get("redo") or 0)) in claimed for table, found in owners):
            self.waiting.append(Waiting(where, "its manifest is not there yet; the file may still be growing"))

    def _bare(self, table: Table, path: Path, found: dict[str, str]) -> None:
        """A delivery without manifest: one file, received when it was last written."""
        try:
            state = path.lstat()
        except OSError:
            return
        if time.time() - state.st_mtime < SETTLED_S:
            reason = f"written less than {SETTLED_S} s ago; it may still be growing"
            self.waiting.append(Waiting(f"{table.system}/{path.name}", reason))
            return
        received_at = datetime.fromtimestamp(state.st_mtime, UTC).replace(tzinfo=None)
        data_date = _day(found["date"]) if found.get("date") else table.data_date
        data_date = data_date or operator().first_night(received_at)
        redo = int(found.get("redo") or 0)
        while (last := self.decided.get((table.system, table.name, data_date, redo))) and last.status == "loaded":
            if received_at == last.received_at or hash_file(path)[0] == last.files[0].sha256:
                return
            if "redo" in found:
                self.waiting.append(Waiting(f"{table.system}/{path.name}", CHANGED.format(redo + 1)))
                return
            redo += 1  # a name that says no redo can only be used again
        if received_at <= self.known_at:
            self._add(table, data_date, redo, received_at, (LandedFile(path),), b"", None)

    def _add(
        self, table: Table, data_date: date, redo: int, received_at: datetime, files: tuple[LandedFile, ...],
        manifest: bytes, fault: str | None,
    ) -> None:  # fmt: skip
        """Unless the same bytes were refused before under the same contract."""
        states = [(file.path.name, *_state(file.path)) for file in files]
        text = f"{table.hash}{hashlib.sha256(manifest).hexdigest()}{states}"
        fingerprint = hashlib.sha256(text.encode()).hexdigest()[:32]
        last = self.decided.get((table.system, table.name, data_date, redo))
        if last is None or last.fingerprint != fingerprint:
            known_on = max(operator().first_night(received_at), self.not_before)
            size = sum(state[1] for state in states)
            self.pending.append(Pending(table, data_date, redo, received_at, known_on, files, size, fingerprint, fault))


def _unfinished(name: str) -> bool:
    """Senders write under a name of this kind and rename."""
    return name.startswith(".") or name.endswith((".tmp", ".part"))


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _state(path: Path) -> tuple[int, int]:
    """Size and time of last change; zeros for a file that has just vanished, whose reading will say so."""
    try:
        state = path.lstat()
    except OSError:
        return 0, 0
    return state.st_size, state.st_mtime_ns


def _manifest_fault(manifest: Manifest, table: Table, data_date: date, redo: int) -> str | None:
    """What in the manifest contradicts its own name or the contract."""
    says = (manifest.system, manifest.table, manifest.data_date, manifest.redo)
    if says != (table.system, table.name, data_date, redo):
        return (
            f"the manifest's name and content differ: it says {manifest.system}.{manifest.table} {says[2]} r{says[3]}"
        )
    if not manifest.files:
        return "the manifest names no file; an empty delivery still has a file, with no rows"
    for file in manifest.files:
        found = table.match(file.name)
        if not PLAIN_NAME.fullmatch(file.name) or found is None:
            return f"{file.name!r} is no file name of this table; the contract expects {table.files}"
        if found.get("date", f"{data_date:%Y%m%d}") != f"{data_date:%Y%m%d}" or int(found.get("redo", redo)) != redo:
            return f"{file.name} belongs to another day or redo than its manifest"
    if len({file.name for file in manifest.files}) < len(manifest.files):
        return "the manifest names a file twice"
    return None
