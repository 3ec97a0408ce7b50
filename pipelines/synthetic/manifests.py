"""What a source system says about a delivery: its files, their rows, sums and hashes. Written last, atomically."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path


@dataclass(frozen=True)
class FileEntry:
    """One delivered file: data rows without header and trailer, and exact sums of the control columns."""

    name: str
    bytes: int
    sha256: str
    rows: int
    sums: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, payload: bytes, *, rows: int, sums: Mapping[str, int] | None = None) -> "FileEntry":
        return cls(name, len(payload), hashlib.sha256(payload).hexdigest(), rows, sums or {})


def manifest_name(table: str, data_date: date, redo: int) -> str:
    return f"{table}_{data_date:%Y%m%d}.r{redo}.manifest.json"


def manifest_bytes(
    system: str, table: str, data_date: date, redo: int, *, delivered_at: datetime, files: list[FileEntry]
) -> bytes:
    """`delivered_at` is operator-local and naive; the manifest states the offset."""
    entries = []
    for entry in files:
        plain = asdict(entry)
        if not entry.sums:
            del plain["sums"]
        entries.append(plain)
    document = {
        "system": system,
        "table": table,
        "data_date": data_date.isoformat(),
        "redo": redo,
        "delivered_at": delivered_at.isoformat(timespec="seconds") + "+08:00",
        "files": entries,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def write_atomically(path: Path, payload: bytes) -> None:
    """Readers see the whole file or none."""
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_bytes(payload)
    draft.rename(path)
