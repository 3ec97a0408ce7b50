"""S16 network: the cell plan, each cell's day, and outages once they are over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.clock import DAY, WARM_UP_MONTHS
from pipelines.synthetic.daily import Daily
from pipelines.synthetic.seasons import rhythm
from pipelines.synthetic.world import World

ATTEMPTS_PER_LINE = 6.0
THROUGHPUT_KBPS = {"2G": 120, "4G": 22_000, "5G": 160_000}


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    told = {"cell_day": _cell_day(world, day), "outage": _outages(world).on(day).drop("at")}
    if day.day == 1 or day == world.settings.first_day:
        columns = ("cell_id", "lac", "bts_id", "latitude", "longitude", "grid_id", "area_id", "rat", "valid_from")
        told["cell"] = world.geography.cells.select(columns)
    return told


@lru_cache(maxsize=1)
def _load(world: World) -> np.ndarray:
    """Mean attempts per cell and day: those who live there and those who work there."""
    cells = world.geography.cells.height
    at_home = np.bincount(world.lines["home_cell"].to_numpy(), minlength=cells)
    at_work = np.bincount(world.lines["work_cell"].to_numpy(), minlength=cells)
    return (at_home + at_work) / 2 * ATTEMPTS_PER_LINE + 5


def _cell_day(world: World, day: date) -> pl.DataFrame:
    rng, cells = world.settings.rng("cell day", day), world.geography.cells
    first = month_start(world.settings.first_day, -WARM_UP_MONTHS)
    trouble = world.geography.trouble[(day.year - first.year) * 12 + day.month - first.month]
    down = _down_seconds(world, day)
    attempts = rng.poisson(_load(world) * rhythm(day).voice * (1 - down / DAY))
    failed = rng.binomial(attempts, np.minimum(0.006 + 0.020 * trouble, 0.5))
    dropped = rng.binomial(attempts - failed, np.minimum(0.004 + 0.015 * trouble, 0.5))
    speed = cells["rat"].replace_strict(THROUGHPUT_KBPS, return_dtype=pl.Float64).to_numpy()
    throughput = speed * np.exp(-0.5 * trouble) * rng.lognormal(0, 0.1, size=len(cells)) * (down < DAY)
    return pl.DataFrame(
        {
            "cell_id": cells["cell_id"],
            "day": pl.repeat(day, len(cells), eager=True),
            "attempts": attempts.astype(np.int32),
            "dropped": dropped.astype(np.int32),
            "failed": failed.astype(np.int32),
            "throughput_kbps": throughput.astype(np.int32),
            "down_minutes": np.ceil(down / 60).astype(np.int32),
        }
    )


def _down_seconds(world: World, day: date) -> np.ndarray:
    """Seconds of the day for which each cell was out; outages of one cell may overlap, a day is never exceeded."""
    begin = datetime.combine(day, datetime.min.time())
    end = begin + timedelta(days=1)
    # Rows are ordered by their start; those of an earlier day may still last.
    hit = world.geography.outages.filter(pl.col("started_at") < end, pl.col("ended_at") > begin)
    length = (pl.min_horizontal("ended_at", end) - pl.max_horizontal("started_at", begin)).dt.total_seconds()
    seconds = hit.select("cell", length=length)
    total = np.bincount(
        seconds["cell"].to_numpy(), seconds["length"].to_numpy(), minlength=world.geography.cells.height
    )
    return np.minimum(total, DAY)


@lru_cache(maxsize=1)
def _outages(world: World) -> Daily:
    outages = world.geography.outages
    rows = outages.select(
        pl.col("outage_no").cast(pl.Int64), world.geography.cells["cell_id"].gather(outages["cell"]).alias("cell_id"),
        "started_at", "ended_at", at=pl.col("ended_at").dt.epoch("s"),
    )  # fmt: skip
    return Daily.of(world.settings, rows)
