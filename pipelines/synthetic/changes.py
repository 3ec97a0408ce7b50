"""What happened to lines, as a log of changes; from it follow a line's state after each change and its spells.

The simulation writes (line, second, kind, new value); everything else is filled forward here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import polars as pl

DAY = 86_400
FOREVER = 7_258_118_400  # 2200-01-01, end of an open spell
SPAN = 1 << 33  # more than any epoch second: line * SPAN + second orders by line, then time


class Kind(IntEnum):
    """The order is the order of changes at the same instant."""

    PRE_OPEN = 0
    PORT_IN = 1
    ACTIVATE = 2
    SUSPEND_VOLUNTARY = 3
    SUSPEND_ARREARS = 4
    RESUME = 5
    PRICE_CHANGE = 6
    PLAN_CHANGE = 7
    OWNER_CHANGE = 8
    SIM_CHANGE = 9
    NUMBER_CHANGE = 10
    DEVICE_CHANGE = 11
    CONTRACT = 12
    PORT_OUT = 13
    TERMINATE = 14
    REACTIVATE = 15


UNSEEN = (Kind.DEVICE_CHANGE, Kind.CONTRACT, Kind.PRICE_CHANGE)  # not events of the provisioning system

PRE_OPENED, ACTIVE, SUSPENDED, TERMINATED = range(4)
STATUSES = ("pre_open", "active", "suspended", "terminated")
STATUS_AFTER = {
    Kind.PRE_OPEN: PRE_OPENED, Kind.ACTIVATE: ACTIVE, Kind.SUSPEND_VOLUNTARY: SUSPENDED,
    Kind.SUSPEND_ARREARS: SUSPENDED, Kind.RESUME: ACTIVE, Kind.TERMINATE: TERMINATED, Kind.REACTIVATE: ACTIVE,
}  # fmt: skip
SET_BY = {
    "plan": (Kind.PLAN_CHANGE, Kind.PRICE_CHANGE),
    "customer": (Kind.OWNER_CHANGE,),
    "sim": (Kind.SIM_CHANGE,),
    "number": (Kind.NUMBER_CHANGE,),
    "device": (Kind.DEVICE_CHANGE,),
    "contract_end": (Kind.CONTRACT,),
}


@dataclass
class Log:
    """Changes in the order in which they were found out."""

    chunks: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def add(self, line: np.ndarray, at: np.ndarray | int, kind: Kind, value: np.ndarray | int = 0) -> None:
        size = len(line)
        self.chunks.append((
            line.astype(np.int32),
            np.broadcast_to(np.asarray(at, dtype=np.int64), size),
            np.full(size, kind, dtype=np.int8),
            np.broadcast_to(np.asarray(value, dtype=np.int64), size),
        ))  # fmt: skip

    def with_devices(self, becomes: np.ndarray) -> Log:
        """The same changes, with each device that a line changes to replaced by what it becomes."""
        changed = Kind.DEVICE_CHANGE
        return Log([
            (line, at, kind, np.where(kind == changed, becomes[np.where(kind == changed, value, 0)], value))
            for line, at, kind, value in self.chunks
        ])  # fmt: skip

    def ordered(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Line, second, kind and value by line, then second, then kind."""
        line, at, kind, value = (np.concatenate(parts) for parts in zip(*self.chunks, strict=True))
        order = np.lexsort((kind, at, line))
        return line[order], at[order], kind[order], value[order]


def history(log: Log, first: dict[str, np.ndarray]) -> pl.DataFrame:
    """One row per change, by line and time: at (epoch seconds), kind, value, and the line's state after the change.

    `first` holds, by line, the state that a line is activated with.
    """
    line, at, kind, value = log.ordered()
    begin = np.searchsorted(line, line)
    state = {name: _filled(line, begin, np.isin(kind, kinds), value, first[name]) for name, kinds in SET_BY.items()}
    lookup = np.full(len(Kind), -1, dtype=np.int8)
    lookup[list(STATUS_AFTER)] = list(STATUS_AFTER.values())
    after = lookup[kind]
    status = _filled(line, begin, after >= 0, after, np.full(len(first["plan"]), PRE_OPENED))
    columns = {"line": line, "at": at, "kind": kind, "value": value, "status": status.astype(np.int8), **state}
    return pl.DataFrame(columns)


def _filled(line: np.ndarray, begin: np.ndarray, sets: np.ndarray, value: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The value set by the latest change up to each row of the same line, else the line's first value."""
    rows = np.arange(len(line))
    latest = np.maximum.accumulate(np.where(sets, rows, -1))
    is_set = latest >= begin
    return np.where(is_set, value[np.where(is_set, latest, 0)], first[line])


def latest(history: pl.DataFrame, line: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The row of `history` that holds for each line at a second, -1 before its first change."""
    changed = history["line"].to_numpy()
    row = (
        np.searchsorted(
            changed.astype(np.int64) * SPAN + history["at"].to_numpy(), line.astype(np.int64) * SPAN + at, side="right"
        )
        - 1
    )
    return np.where((row >= 0) & (changed[np.maximum(row, 0)] == line), row, -1)


def spells(changes: pl.DataFrame) -> pl.DataFrame:
    """One row per stretch of constant state in service: line, from_at, to_at (epoch seconds), status and state."""
    line, at = changes["line"].to_numpy(), changes["at"].to_numpy()
    is_last = np.append(line[1:] != line[:-1], True)
    until = np.where(is_last, FOREVER, np.append(at[1:], FOREVER))
    in_service = changes["status"].is_in([ACTIVE, SUSPENDED]) & pl.Series(until > at)
    return changes.rename({"at": "from_at"}).with_columns(to_at=pl.Series(until)).filter(in_service)
