"""The register `audit.jsonl`: who did what with personal data, when and why; each line holds the hash of the last.

A chain does not tell when lines are cut off at its end. How many there are and the hash of the last is therefore kept
in `audit.head`, sealed with the newest key of the vault. Who puts back an old register together with its own head
goes unseen.
"""

import base64
import fcntl
import getpass
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.engine.home import Home
from pipelines.engine.ledger import write_durably
from pipelines.engine.seal import Seal, SealError, number_of
from pipelines.engine.secrets import SecretError, key_names

FIRST = "0" * 64
PURPOSE = "head of the register"


@dataclass(frozen=True)
class Head:
    """What the last entry left behind: the number of lines and the hash of the last one."""

    lines: int
    last: str


def register_of(home: Home) -> Path:
    return home.root / "audit.jsonl"


def head_of(home: Home) -> Path:
    return home.root / "audit.head"


def record(home: Home, action: str, **facts: object) -> None:
    """Append a line that is on the disk afterwards; of keys, counts, hashes and reasons, never of a personal value.

    A register that was cut says so in the line, which the head then covers: the cut stays known.
    """
    descriptor = os.open(register_of(home), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().splitlines()
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "user": getpass.getuser(), "action": action,
            **facts, "number": len(lines) + 1, "previous": _hash(lines[-1]) if lines else FIRST,
        }  # fmt: skip
        if cut := _cut(home, lines):
            entry["found"] = cut
        line = json.dumps(entry, ensure_ascii=False, default=str).encode()
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
        _seal(home, Head(len(lines) + 1, _hash(line)))


def entries(home: Home) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(home)]


def broken(home: Home) -> list[str]:
    """In words: lines that do not follow the line before them, and what was cut off, now or before a later line."""
    found, before, lines = [], FIRST, _lines(home)
    for number, line in enumerate(lines, start=1):
        entry = json.loads(line)
        if entry.get("previous") != before:
            found.append(f"line {number} does not follow the line before it: one of them was changed or removed")
        if "found" in entry:
            found.append(f"when line {number} was written, {entry['found']}")
        before = _hash(line)
    return [*found, *filter(None, [_cut(home, lines)])]


def _cut(home: Home, lines: Sequence[bytes]) -> str:
    """How the lines differ from what the head says; empty where they do not.

    A run that breaks off between line and head leaves one line more; so may be what an earlier version wrote.
    """
    path = head_of(home)
    if not path.exists():
        is_expected = any("number" in json.loads(line) for line in lines)
        return f"{path.name} was missing: whether lines were cut off cannot be told" if is_expected else ""
    try:
        box = base64.b64decode(path.read_text(encoding="ascii"), validate=True)
        head = Head(**json.loads(Seal.of(home, number_of(box)).open(box, PURPOSE)))
    except (SealError, SecretError, ValueError) as error:
        return f"{path.name} did not open: {error}"
    if len(lines) < head.lines:
        return f"lines {len(lines) + 1} to {head.lines} were cut off"
    if head.lines and _hash(lines[head.lines - 1]) != head.last:
        return f"line {head.lines} was not the one that was written last"
    if len(lines) > head.lines + 1:
        return f"lines from {head.lines + 1} on were not written by bassline"
    return ""


def _seal(home: Home, head: Head) -> None:
    numbers = [int(name.removeprefix("vault-")) for name in key_names(home) if name.startswith("vault-")]
    box = Seal.of(home, max(numbers, default=1)).seal(json.dumps(vars(head)).encode(), PURPOSE)
    write_durably(head_of(home), base64.b64encode(box).decode())


def _lines(home: Home) -> list[bytes]:
    path = register_of(home)
    return path.read_bytes().splitlines() if path.exists() else []


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
