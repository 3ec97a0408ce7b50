"""The ledger of deliveries: append-only segments beside the Parquet; nothing else says what the lake holds."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pipelines.engine.removal import remove_tree


@dataclass(frozen=True)
class SourceFile:
    """A landed file as it was read: its data rows without header and trailer."""

    name: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Part:
    """A Parquet file of the lake; the path is relative to the lake."""

    path: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Delivery:
    """One delivery as decided: loaded with its parts, or refused with the reason."""

    delivery_id: int
    system: str
    table: str
    data_date: date
    redo: int
    received_at: datetime
    known_on: date
    status: Literal["loaded", "refused"]
    reason: str | None
    rows: int
    rejected: int
    bytes: int
    files: tuple[SourceFile, ...]
    parts: tuple[Part, ...]
    run_id: str
    contract_hash: str
    fingerprint: str
    notes: tuple[str, ...] = ()

    @property
    def slot(self) -> tuple[str, str, date, int]:
        """What is delivered at most once: the table's day in one of its versions."""
        return self.system, self.table, self.data_date, self.redo

    def as_json(self) -> str:
        return json.dumps(vars(self), default=_plain, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> "Delivery":
        entry: dict[str, Any] = json.loads(line)
        entry["data_date"] = date.fromisoformat(entry["data_date"])
        entry["known_on"] = date.fromisoformat(entry["known_on"])
        entry["received_at"] = datetime.fromisoformat(entry["received_at"])
        entry["files"] = tuple(SourceFile(**file) for file in entry["files"])
        entry["parts"] = tuple(Part(**part) for part in entry["parts"])
        entry["notes"] = tuple(entry["notes"])
        return cls(**entry)


class Ledger:
    """The segments `ledger/<seq>.jsonl` of a lake, one per commit.

    Parts are renamed into the lake between `promise` and `commit`. The promise lists them, so that after a crash
    `sweep` removes exactly the parts of the commit that never happened, without walking the lake.
    """

    def __init__(self, lake: Path) -> None:
        self.lake = lake
        self.folder = lake / "ledger"
        self._read: dict[str, list[Delivery]] = {}

    def deliveries(self) -> list[Delivery]:
        """Every entry, in the order of writing; a delivery refused and then repaired has several."""
        for segment in self._segments():
            if segment.name not in self._read:
                lines = segment.read_text(encoding="utf-8").splitlines()
                self._read[segment.name] = [Delivery.from_json(line) for line in lines]
        return [delivery for name in sorted(self._read) for delivery in self._read[name]]

    def next_id(self) -> int:
        return max((delivery.delivery_id for delivery in self.deliveries()), default=0) + 1

    def written_ns(self) -> int:
        """When the newest segment was written, in nanoseconds since 1970; 0 for an empty ledger."""
        return max((segment.stat().st_mtime_ns for segment in self._segments()), default=0)

    def next_segment(self) -> str:
        """The sequence number, as text, that the next commit will have."""
        last = max((int(segment.stem) for segment in self._segments()), default=0)
        return f"{last + 1:08d}"

    def promise(self, parts: Iterable[str]) -> None:
        """Record which files (relative to the lake) the next commit will own, before any of them appears."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_durably(self.folder / f"{self.next_segment()}.promise", "".join(f"{part}\n" for part in parts))

    def commit(self, entries: Sequence[Delivery]) -> None:
        """Append a segment: all of its entries count from the moment of the rename, or none does."""
        if not entries:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        segment = self.next_segment()
        write_durably(self.folder / f"{segment}.jsonl", "".join(f"{entry.as_json()}\n" for entry in entries))
        (self.folder / f"{segment}.promise").unlink(missing_ok=True)
        remove_tree(self.staging)

    def sweep(self) -> list[str]:
        """Remove what an interrupted run left behind; returns the parts removed."""
        remove_tree(self.staging)
        orphans: list[str] = []
        for promise in sorted(self.folder.glob("*.promise")):
            if not promise.with_suffix(".jsonl").exists():
                orphans += [part for part in promise.read_text(encoding="utf-8").splitlines() if self._remove(part)]
            promise.unlink()
        for unfinished in self.folder.glob("*.tmp"):
            unfinished.unlink()
        return orphans

    @property
    def staging(self) -> Path:
        """Where parts are written before they are renamed into place; on the lake's own file system."""
        return self.lake / ".staging"

    def quarantined(self) -> list[Path]:
        """The Parquet segments of quarantined rows that belong to a commit."""
        parts = [self.lake / "quarantine" / f"{segment.stem}.parquet" for segment in self._segments()]
        return [part for part in parts if part.exists()]

    def _segments(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def _remove(self, part: str) -> bool:
        path = self.lake / part
        if not path.exists():
            return False
        path.unlink()
        if path.parent.name.startswith("redo=") and not any(path.parent.iterdir()):
            path.parent.rmdir()
        return True


def _plain(value: object) -> object:
    """What JSON does not know: files and parts as objects, dates as text."""
    return vars(value) if isinstance(value, (SourceFile, Part)) else str(value)


def write_durably(path: Path, text: str) -> None:
    """The file appears whole or not at all, and stays after a power cut."""
    unfinished = path.with_name(f"{path.name}.tmp")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
