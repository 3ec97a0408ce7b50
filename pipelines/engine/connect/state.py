"""What a connector remembers between fetches: sealed files beside the deliveries that they describe.

A state counts when its delivery does. It is written before the delivery's manifest, so a crash in between leaves one
that nothing refers to; one whose delivery was refused is passed over, and the next fetch brings its rows again.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipelines.engine.home import Home
from pipelines.engine.landing import MANIFEST
from pipelines.engine.ledger import Delivery, sync_folder
from pipelines.engine.seal import Seal
from pipelines.engine.secrets import key

KEY = "fetch"
FRAME = 4 << 20
LENGTH_BYTES = 4
STATE = re.compile(r"\.(?P<table>[a-z][a-z0-9_]*)_(?P<date>\d{8})\.r(?P<redo>\d{1,4})\.state")

Slot = tuple[date, int]
"""Data date and redo of a delivery."""


@dataclass(frozen=True)
class Past:
    """The deliveries of one table: `standing` are loaded or still to load, `taken` are all, refused ones included."""

    folder: Path
    table: str
    standing: frozenset[Slot]
    loaded: frozenset[Slot]
    taken: frozenset[Slot]

    @classmethod
    def of(cls, folder: Path, table: str, ledger: Mapping[Slot, Delivery]) -> "Past":
        landed = {slot for name in _names(folder) if (slot := _slot(MANIFEST.fullmatch(name), table))}
        loaded = {slot for slot, entry in ledger.items() if entry.status == "loaded"}
        refused = set(ledger) - loaded
        standing, taken = frozenset((landed | loaded) - refused), frozenset(landed | set(ledger))
        return cls(folder, table, standing, frozenset(loaded), taken)

    def covers(self, day: date) -> bool:
        """Whether a delivery of this day or a later one stands; each holds everything since the one before."""
        return any(slot[0] >= day for slot in self.standing)

    def next_slot(self, day: date) -> Slot:
        return day, max((redo for taken, redo in self.taken if taken == day), default=-1) + 1

    def state(self) -> Path | None:
        """The state of the newest delivery that stands."""
        known = self._states()
        return next((known[slot] for slot in sorted(known, reverse=True) if slot in self.standing), None)

    def path(self, slot: Slot) -> Path:
        return self.folder / f".{self.table}_{slot[0]:%Y%m%d}.r{slot[1]}.state"

    def prune(self) -> None:
        """Forget states that no later fetch can need: those before the newest loaded delivery."""
        known = self._states()
        if needed := [slot for slot in known if slot in self.loaded]:
            for slot in known:
                if slot < max(needed):
                    known[slot].unlink()

    def _states(self) -> dict[Slot, Path]:
        found = {_slot(STATE.fullmatch(name), self.table): self.folder / name for name in _names(self.folder)}
        return {slot: path for slot, path in found.items() if slot}


def states_of(folder: Path, table: str) -> list[Path]:
    """Every state of a table that is there."""
    return sorted(folder / name for name in _names(folder) if _slot(STATE.fullmatch(name), table))


def seal_file(home: Home, plain: Path, sealed: Path) -> None:
    """The file encrypted, frame by frame; each frame knows its place, so that none can be moved or left out."""
    seal = Seal(1, key(home, KEY))
    unfinished = sealed.with_name(f"{sealed.name}.tmp")
    with plain.open("rb") as source, unfinished.open("wb") as sink:
        for purpose, frame in _frames(iter(lambda: source.read(FRAME), b"")):
            box = seal.seal(frame, purpose)
            sink.write(len(box).to_bytes(LENGTH_BYTES) + box)
    unfinished.chmod(0o600)
    unfinished.replace(sealed)
    sync_folder(sealed.parent)


def open_file(home: Home, sealed: Path, plain: Path) -> Path:
    """The file decrypted to `plain`. Raises SealError if the key is another one or the file was changed."""
    seal = Seal(1, key(home, KEY))
    with sealed.open("rb") as source, plain.open("wb") as sink:
        boxes = iter(lambda: source.read(int.from_bytes(source.read(LENGTH_BYTES))), b"")
        for purpose, box in _frames(boxes):
            sink.write(seal.open(box, purpose))
    return plain


def _frames(parts: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    part, number = next(parts, b""), 0
    while part:
        following = next(parts, b"")
        yield f"state of a fetch, frame {number}{'' if following else ', the last'}", part
        part, number = following, number + 1


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _slot(found: re.Match[str] | None, table: str) -> Slot | None:
    if found is None or found["table"] != table:
        return None
    return datetime.strptime(found["date"], "%Y%m%d").date(), int(found["redo"])
