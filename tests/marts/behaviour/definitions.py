"""Indicators of one line's calls, messages and top-ups, one record after the other, from their definitions in words.

Written beside the SQL, not after it: slow, plain, with exact fractions wherever a limit could be missed by rounding.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

PARETO = Fraction(4, 5)
Number = int | float | Fraction


@dataclass(frozen=True)
class Record:
    """A call or message, at the operator's time."""

    at: datetime
    event_id: int
    is_call: bool
    is_made: bool
    other: int | None
    duration: int
    cell: int | None

    @property
    def is_night(self) -> bool:
        return self.at.time() <= time(7) or self.at.time() >= time(19)

    @property
    def is_weekend(self) -> bool:
        return self.at.isoweekday() > 5


@dataclass(frozen=True)
class Recharge:
    """A top-up, at the operator's time."""

    at: datetime
    amount: Fraction

    @property
    def is_night(self) -> bool:
        return self.at.time() <= time(7) or self.at.time() >= time(19)

    @property
    def is_weekend(self) -> bool:
        return self.at.isoweekday() > 5


T = TypeVar("T", Record, Recharge)


def parts(items: Sequence[T]) -> Iterator[tuple[str, str, list[T]]]:
    weeks: dict[str, Callable[[T], bool]] = {
        "all": lambda _: True, "weekday": lambda r: not r.is_weekend, "weekend": lambda r: r.is_weekend,
    }  # fmt: skip
    days: dict[str, Callable[[T], bool]] = {
        "all": lambda _: True, "day": lambda r: not r.is_night, "night": lambda r: r.is_night,
    }  # fmt: skip
    for week, in_week in weeks.items():
        for day, in_day in days.items():
            if kept := [item for item in items if in_week(item) and in_day(item)]:
                yield week, day, kept


def mean(values: Sequence[Number]) -> float | None:
    return float(Fraction(sum(map(Fraction, values)), len(values))) if values else None


def moment(values: Sequence[Number], power: int) -> Fraction:
    centre = sum(map(Fraction, values)) / len(values)
    return sum((Fraction(value) - centre) ** power for value in values) / len(values)


def sd(values: Sequence[Number]) -> float | None:
    return math.sqrt(moment(values, 2)) if values else None


def shape(values: Sequence[Number], power: int) -> float:
    """Skewness (power 3) or kurtosis (power 4), from moments; 0 when nothing varies."""
    spread = moment(values, 2)
    return float(moment(values, power)) / float(spread) ** (power / 2) if spread else 0.0


def median(values: Sequence[Number]) -> float | None:
    ordered = sorted(values)
    return (ordered[len(ordered) // 2] + ordered[(len(ordered) - 1) // 2]) / 2 if ordered else None


def entropy(counts: Iterable[int]) -> float:
    counted = list(counts)
    return -sum(count / sum(counted) * math.log(count / sum(counted)) for count in counted)


def heaviest(weights: Iterable[int], target: int) -> int:
    """How many of the heaviest it takes to reach a target."""
    taken, reached = 0, 0
    for weight in sorted(weights, reverse=True):
        if reached >= target:
            break
        taken, reached = taken + 1, reached + weight
    return taken


def gaps(items: Sequence[Record] | Sequence[Recharge]) -> list[int]:
    return [int((after.at - before.at).total_seconds()) for before, after in pairwise(items)]


def in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda r: (r.at, r.event_id))


def by_contact(records: Iterable[Record]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = defaultdict(list)
    for record in records:
        if record.other is not None:
            found[record.other].append(record)
    return found


def conversations(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Messages of one pair: each begins with a message and goes on while less than an hour passes and nobody calls."""
    open_one: list[Record] = []
    before: Record | None = None
    for record in records:
        is_near = before is not None and record.at - before.at < timedelta(hours=1)
        if open_one and (record.is_call or not is_near):
            yield open_one
            open_one = []
        if not record.is_call:
            open_one = [*open_one, record]
        before = record
    if open_one:
        yield open_one


def half_hours(records: Sequence[Record]) -> list[int]:
    """The cell of each half-hour: the most frequent, of equally frequent ones the one seen first, then the lowest."""
    bins: dict[tuple[datetime, bool], list[Record]] = defaultdict(list)
    for record in records:
        if record.cell is not None:
            start = record.at.replace(minute=record.at.minute // 30 * 30, second=0, microsecond=0)
            bins[start, record.is_night].append(record)
    found = []
    for inside in bins.values():
        count = Counter(record.cell for record in inside)
        first = {cell: min(r.at for r in inside if r.cell == cell) for cell in count}
        found.append(min(count, key=lambda cell, n=count, f=first: (-n[cell], f[cell], cell)))
    return found


def home(records: Sequence[Record]) -> int | None:
    """The cell of most half-hours at night; of equally many the one of the earlier day, then the lowest."""
    nights: Counter[int] = Counter()
    first: dict[int, datetime] = {}
    days = sorted({record.at.date() for record in records})
    for day in days:
        for cell in half_hours([r for r in records if r.is_night and r.at.date() == day]):
            nights[cell] += 1
            first.setdefault(cell, datetime.combine(day, time()))
    return min(nights, key=lambda cell: (-nights[cell], first[cell], cell)) if nights else None


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Spherical law of haversines."""
    (lat_1, lon_1), (lat_2, lon_2) = (tuple(map(math.radians, place)) for place in (one, other))
    chord = math.hypot(
        math.cos(lat_1) * math.cos(lon_1) - math.cos(lat_2) * math.cos(lon_2),
        math.cos(lat_1) * math.sin(lon_1) - math.cos(lat_2) * math.sin(lon_2),
        math.sin(lat_1) - math.sin(lat_2),
    )
    return 2 * 6371 * math.asin(chord / 2)


def gyration_km(cells: Sequence[int], places: dict[int, tuple[float, float]]) -> float | None:
    known = [places[cell] for cell in cells if cell in places]
    if not known:
        return None
    centre = (sum(lat for lat, _ in known) / len(known), sum(lon for _, lon in known) / len(known))
    return math.sqrt(sum(distance_km(centre, place) ** 2 for place in known) / len(known))
