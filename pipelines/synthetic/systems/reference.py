"""S20 reference: the calendar of the year and the areas of the country's registry, told once a year."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from pipelines.synthetic.seasons import holidays
from pipelines.synthetic.world import World


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    if day != world.settings.first_day and (day.month, day.day) != (1, 1):
        return {}
    return {"calendar": _calendar(day.year), "geography": world.geography.areas}


def _calendar(year: int) -> pl.DataFrame:
    days = [date(year, 1, 1) + timedelta(days=k) for k in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    names = holidays(year)
    return pl.DataFrame(
        {
            "day": days,
            "is_holiday": pl.Series([day in names for day in days]).cast(pl.Int8),
            "holiday_name": [names.get(day) for day in days],
        },
        schema_overrides={"holiday_name": pl.Utf8},
    )
