"""The operator's calendar: Chinese public holidays, and how usage swings with weekday, season and holiday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

# First days of the lunar holidays; the civil ones below follow from the date alone.
SPRING_FESTIVAL = {
    2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
    2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3),
}  # fmt: skip
DRAGON_BOAT = {
    2018: (6, 18), 2019: (6, 7), 2020: (6, 25), 2021: (6, 14), 2022: (6, 3), 2023: (6, 22), 2024: (6, 10),
    2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28), 2029: (6, 16), 2030: (6, 5),
}  # fmt: skip
MID_AUTUMN = {
    2018: (9, 24), 2019: (9, 13), 2020: (10, 1), 2021: (9, 21), 2022: (9, 10), 2023: (9, 29), 2024: (9, 17),
    2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3), 2029: (9, 22), 2030: (9, 12),
}  # fmt: skip

MONTH_SEASON = (1.00, 1.04, 0.98, 0.98, 1.00, 0.99, 1.03, 1.04, 1.00, 1.02, 0.97, 0.99)


@dataclass(frozen=True)
class Rhythm:
    """Factors on a line's mean number of events on one day."""

    voice: float
    sms: float
    data: float


@cache
def holidays(year: int) -> dict[date, str]:
    """Public holidays of a year by day; years without a known lunar calendar have the civil ones only."""
    spans = [((1, 1), 1, "元旦"), ((4, 4), 3, "清明节"), ((5, 1), 5, "劳动节"), ((10, 1), 7, "国庆节")]
    spans += [
        (table[year], 3, name) for table, name in ((DRAGON_BOAT, "端午节"), (MID_AUTUMN, "中秋节")) if year in table
    ]
    days = {date(year, *first) + timedelta(days=k): name for first, length, name in spans for k in range(length)}
    if year in SPRING_FESTIVAL:
        eve = date(year, *SPRING_FESTIVAL[year]) - timedelta(days=1)
        days |= {eve + timedelta(days=k): "春节" for k in range(8)}
    return days


def holiday(day: date) -> str | None:
    return holidays(day.year).get(day)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and holiday(day) is None


def rhythm(day: date) -> Rhythm:
    """Weekday, season and holiday: work calls rest at weekends, the eve of Spring Festival is the year's peak."""
    season = MONTH_SEASON[day.month - 1]
    resting = day.weekday() >= 5
    voice, sms, data = (0.90, 0.93, 1.10) if resting else (1.04, 1.03, 0.96)
    if day.weekday() == 4:
        voice, data = 1.08, 1.02
    name = holiday(day)
    if name == "春节":
        from_new_year = (day - date(day.year, *SPRING_FESTIVAL[day.year])).days
        voice, sms, data = {-1: (1.60, 2.80, 1.25), 0: (1.45, 2.10, 1.25)}.get(from_new_year, (0.85, 0.95, 1.20))
    elif name:
        voice, sms, data = 0.86, 1.05, 1.18
    return Rhythm(voice * season, sms * season, data * season)
