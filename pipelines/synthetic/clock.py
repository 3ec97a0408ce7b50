"""The simulated months, how many lines join in each, and random moments within business hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.settings import Settings

DAY = 86_400
WARM_UP_MONTHS = 6  # before the first delivered month, so that the base is in its steady state by then
GROSS_ADD_RATE = 0.025
GROWTH = 0.005


@dataclass(frozen=True)
class Month:
    """A calendar month of the simulation, counted from the first of the warm-up."""

    index: int
    first: date
    start: int  # epoch seconds, local
    end: int

    @property
    def days(self) -> int:
        return (self.end - self.start) // DAY


def epoch_day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def months(settings: Settings) -> list[Month]:
    """From the warm-up to one month after the end: those about to leave then already use less before."""
    first = month_start(settings.first_day, -WARM_UP_MONTHS)
    last = month_start(settings.end, 1)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    starts = [month_start(first, k) for k in range(count + 1)]
    seconds = [epoch_day(day) * DAY for day in starts]
    return [Month(k, starts[k], seconds[k], seconds[k + 1]) for k in range(count)]


def cohorts(settings: Settings) -> tuple[int, list[int]]:
    """Lines in service when the simulation starts, and lines to join in each month."""
    initial = round(settings.subscribers / (1 + GROWTH) ** WARM_UP_MONTHS)
    return initial, [round(initial * (1 + GROWTH) ** month.index * GROSS_ADD_RATE) for month in months(settings)]


def office_time(rng: np.random.Generator, start: np.ndarray | int, days: np.ndarray | int, size: int) -> np.ndarray:
    """A second within business hours of one of the `days` days from midnight `start` on."""
    day = (rng.random(size) * days).astype(np.int64)
    second = np.clip(rng.normal(14 * 3600, 3 * 3600, size=size), 8 * 3600, 21 * 3600).astype(np.int64)
    return start + day * DAY + second
