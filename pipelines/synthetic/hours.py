"""At what time of the day things happen: hourly shapes, and random times that are in order without a sort."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

DAY_S = 86_400


@dataclass(frozen=True)
class DayShape:
    """A daily shape as the share of events before each full hour (25 values from 0 to 1)."""

    before_hour: np.ndarray

    @classmethod
    def of(cls, hourly: list[float]) -> "DayShape":
        share = np.array(hourly) / sum(hourly)
        return cls(np.concatenate(([0.0], np.cumsum(share)[:-1], [1.0])))

    def share_before(self, second: np.ndarray) -> np.ndarray:
        """The share of a day's events before a second of the day."""
        return np.interp(second, np.arange(25) * 3600, self.before_hour)

    def times(self, rng: np.random.Generator, counts: np.ndarray, from_s: np.ndarray, to_s: np.ndarray) -> np.ndarray:
        """Seconds of the day of each line's `counts` events within [from_s, to_s), ascending within each line.

        The running sum of n of n + 1 exponential spacings, divided by the sum of all, is distributed as n sorted
        uniforms: order for the price of one running sum.
        """
        events = int(counts.sum())
        owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        running = np.cumsum(rng.standard_exponential(events + len(counts), dtype=np.float32), dtype=np.float64)
        ends = running[np.cumsum(counts + 1) - 1]
        starts = np.concatenate(([0.0], ends[:-1]))
        low, high = self.share_before(from_s), self.share_before(to_s)
        length = ends - starts
        slope = np.divide(high - low, length, out=np.zeros_like(length), where=length > 0)  # 0: a line without events
        offset = low - starts * slope
        share = running[np.arange(events) + owner] * slope[owner] + offset[owner]
        seconds = np.interp(share, self.before_hour, np.arange(25) * 3600).astype(np.int32)
        return np.clip(seconds, from_s[owner], to_s[owner] - 1)


# Calls follow the working day and the evening; data stays high until midnight and does not stop at night.
CALLS = DayShape.of(
    [
        0.6,
        0.3,
        0.2,
        0.2,
        0.3,
        0.6,
        1.6,
        3.2,
        5.2,
        6.6,
        7.0,
        6.8,
        5.8,
        5.0,
        5.4,
        5.8,
        6.2,
        6.8,
        7.2,
        7.4,
        6.8,
        5.2,
        3.4,
        1.6,
    ]
)
SESSIONS = DayShape.of(
    [
        3.2,
        1.8,
        1.2,
        0.9,
        0.9,
        1.2,
        2.2,
        3.8,
        4.4,
        4.4,
        4.5,
        4.9,
        5.6,
        5.0,
        4.4,
        4.3,
        4.4,
        4.8,
        5.4,
        6.2,
        7.0,
        7.4,
        7.0,
        5.1,
    ]
)


def office_times(rng: np.random.Generator, day: date, count: int) -> pl.Series:
    """Random times of a day between 8:00 and 22:00."""
    seconds = (day - date(1970, 1, 1)).days * DAY_S + rng.integers(8 * 3600, 22 * 3600, count)
    return pl.Series(seconds * 1_000_000).cast(pl.Datetime("us"))
