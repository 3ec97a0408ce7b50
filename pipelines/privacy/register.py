"""The register `audit.jsonl`: who did what with personal data, when and why; each line holds the hash of the last."""

import fcntl
import getpass
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.engine.home import Home

FIRST = "0" * 64


def register_of(home: Home) -> Path:
    return home.root / "audit.jsonl"


def record(home: Home, action: str, **facts: object) -> None:
    """Append a line that is on the disk afterwards; of keys, counts, hashes and reasons, never of a personal value."""
    descriptor = os.open(register_of(home), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = file.read().splitlines()[-1:]
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "user": getpass.getuser(), "action": action,
            **facts, "previous": _hash(last[0]) if last else FIRST,
        }  # fmt: skip
        file.write(json.dumps(entry, ensure_ascii=False, default=str).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def entries(home: Home) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(home)]


def broken(home: Home) -> list[int]:
    """The numbers of the lines, from 1, that do not follow the line before them: it, or they, were changed."""
    return [number for number, line, before in _pairs(home) if json.loads(line).get("previous") != before]


def _pairs(home: Home) -> Iterator[tuple[int, bytes, str]]:
    before = FIRST
    for number, line in enumerate(_lines(home), start=1):
        yield number, line, before
        before = _hash(line)


def _lines(home: Home) -> list[bytes]:
    path = register_of(home)
    return path.read_bytes().splitlines() if path.exists() else []


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
