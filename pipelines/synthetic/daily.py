"""Rows by the business day on which a system delivers them; what lies before the first day is due on the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.settings import Settings

BLOCK_DAYS = 32


@dataclass(frozen=True)
class Daily:
    """A frame ordered by due day, then time; a day's rows are one slice of it."""

    frame: pl.DataFrame
    due: np.ndarray

    @classmethod
    def of(cls, settings: Settings, frame: pl.DataFrame, at: str = "at") -> Daily:
        """`at` is a column of epoch seconds; rows of the same second keep their order."""
        frame = frame.sort(at, maintain_order=True)
        return cls(frame, np.maximum(frame[at].to_numpy() // DAY, epoch_day(settings.first_day)))

    @classmethod
    def latest(cls, settings: Settings, frame: pl.DataFrame, key: str, at: str = "at") -> Daily:
        """Only the last row of each key and day: what a system that exports changed rows would send."""
        every = cls.of(settings, frame, at)
        last = every.frame.with_columns(due=pl.Series(every.due)).unique([key, "due"], keep="last", maintain_order=True)
        return cls(last.drop("due"), last["due"].to_numpy())

    def on(self, day: date) -> pl.DataFrame:
        return self.between(epoch_day(day), epoch_day(day) + 1)

    def between(self, number: int, after: int) -> pl.DataFrame:
        """Rows due from one day number up to, not including, another."""
        first, end = np.searchsorted(self.due, [number, after])
        return self.frame[int(first) : int(end)]

    def until(self, day: date) -> pl.DataFrame:
        return self.frame[: int(np.searchsorted(self.due, epoch_day(day) + 1))]


@dataclass(frozen=True, eq=False)
class Told:
    """Rows of a `Daily` in the words of a system. Whole blocks of days are put into words at once: for a small operator
    the cost of a query lies in its start, not in its rows."""

    rows: Daily
    words: Callable[[pl.DataFrame], pl.DataFrame]
    block: dict[int, pl.DataFrame] = field(default_factory=dict)

    def on(self, day: date) -> pl.DataFrame:
        number = epoch_day(day)
        begin = number // BLOCK_DAYS * BLOCK_DAYS
        if begin not in self.block:
            self.block.clear()
            self.block[begin] = self.words(self.rows.between(begin, begin + BLOCK_DAYS))
        offset, first, after = np.searchsorted(self.rows.due, [begin, number, number + 1])
        return self.block[begin][int(first - offset) : int(after - offset)]
