"""Where the operator works: areas, radio cells on a grid, their quality by month and their outages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.settings import Settings

PROVINCE = ("37", "齐川省")
CITIES = [
    ("3701", "泉安市", 36.65, 117.12), ("3702", "青港市", 36.07, 120.38), ("3703", "淄林市", 36.81, 118.05),
    ("3704", "兖宁市", 35.41, 116.59), ("3705", "烟海市", 37.46, 121.45),
]  # fmt: skip
COUNTIES = ["历城区", "市中区", "高新区", "长清县", "平阳县"]
CITY_SHARE = np.array([0.28, 0.26, 0.14, 0.16, 0.16])
COUNTY_SHARE = np.array([0.28, 0.26, 0.20, 0.14, 0.12])
GRIDS_PER_COUNTY = 6
SECTORS = 3
OUTAGES_PER_CELL_DAY = 0.004


@dataclass(frozen=True)
class Geography:
    """Areas, cells (row i = cell i of the world), their trouble per month (0 good, about 1 bad) and their outages."""

    areas: pl.DataFrame
    cells: pl.DataFrame
    county_of_cell: np.ndarray
    trouble: np.ndarray  # [month, cell], month counted from the first simulated one
    outages: pl.DataFrame


def build(settings: Settings, months: int) -> Geography:
    cells, county = _cells(settings)
    return Geography(
        _areas(settings), cells, county, _trouble(settings, months, len(cells)), _outages(settings, len(cells))
    )


def county_id(county: np.ndarray) -> pl.Series:
    codes = [f"{CITIES[c // len(COUNTIES)][0]}{c % len(COUNTIES) + 1:02d}" for c in range(len(CITIES) * len(COUNTIES))]
    return pl.Series(codes)[county]


def _areas(settings: Settings) -> pl.DataFrame:
    population = settings.subscribers * 2.2
    rows = [(PROVINCE[0], "province", None, PROVINCE[1], round(population))]
    for (city, name, *_), city_share in zip(CITIES, CITY_SHARE, strict=True):
        rows.append((city, "city", PROVINCE[0], name, round(population * city_share)))
        for number, (county, share) in enumerate(zip(COUNTIES, COUNTY_SHARE, strict=True), start=1):
            code, people = f"{city}{number:02d}", population * city_share * share
            rows.append((code, "county", city, county, round(people)))
            rows += [
                (f"{code}{grid:02d}", "grid", code, f"{county}第{grid}网格", round(people / GRIDS_PER_COUNTY))
                for grid in range(1, GRIDS_PER_COUNTY + 1)
            ]
    return pl.DataFrame(
        rows,
        schema={"area_id": pl.Utf8, "level": pl.Utf8, "parent_id": pl.Utf8, "name": pl.Utf8, "population": pl.Int64},
        orient="row",
    )


def _cells(settings: Settings) -> tuple[pl.DataFrame, np.ndarray]:
    rng = settings.rng("cells")
    stations = max(50, settings.subscribers // 1500)
    shares = (CITY_SHARE[:, None] * COUNTY_SHARE[None, :]).ravel()
    counties = len(shares)
    # Every county has a station, so that every home has a cell of its own county.
    extra = rng.choice(counties, size=stations - counties, p=shares)
    county = np.asarray(np.sort(np.concatenate([np.arange(counties), extra])))[np.arange(stations * SECTORS) // SECTORS]
    station = np.repeat(np.arange(stations), SECTORS)
    centre = np.array([(lat, lon) for _, _, lat, lon in CITIES])[county // len(COUNTIES)]
    ring = 2 * np.pi * (county % len(COUNTIES)) / len(COUNTIES)
    offset = np.repeat(rng.normal(0, 0.06, size=(stations, 2)), SECTORS, axis=0)
    latitude = centre[:, 0] + 0.2 * np.sin(ring) + offset[:, 0]
    longitude = centre[:, 1] + 0.2 * np.cos(ring) + offset[:, 1]
    grid = rng.integers(1, GRIDS_PER_COUNTY + 1, size=stations)[station]
    opened = [date(2017, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 365, size=stations)]
    frame = pl.DataFrame(
        {
            "cell_id": 10_000 + np.arange(len(station)),
            "lac": 20_000 + county,
            "bts_id": 1_000 + station,
            "latitude": latitude,
            "longitude": longitude,
            "area_id": county_id(county),
            "rat": np.array(["4G", "5G", "2G"])[rng.choice(3, size=len(station), p=[0.55, 0.40, 0.05])],
            "valid_from": pl.Series(opened)[station],
        }
    ).with_columns(grid_id=pl.col("area_id") + pl.Series(grid).cast(pl.Utf8).str.zfill(2))
    types = {"cell_id": pl.Int32, "lac": pl.Int32, "bts_id": pl.Int32}
    return frame.cast({**types, "latitude": pl.Decimal(9, 6), "longitude": pl.Decimal(9, 6)}), county


def _trouble(settings: Settings, months: int, cells: int) -> np.ndarray:
    """A bad cell stays bad for a while: last month's trouble fades by a third, sometimes new trouble comes."""
    rng = settings.rng("trouble")
    trouble = np.zeros((months, cells), dtype=np.float32)
    current = rng.exponential(0.12, size=cells)
    for month in range(months):
        struck = rng.random(cells) < 0.06
        current = 0.65 * current + rng.exponential(0.04, size=cells) + struck * rng.uniform(0.4, 1.0, size=cells)
        trouble[month] = current
    return trouble


def _outages(settings: Settings, cells: int) -> pl.DataFrame:
    """One row per outage that begins within the delivered days; a few last overnight."""
    rng = settings.rng("outages")
    count = rng.poisson(cells * settings.days * OUTAGES_PER_CELL_DAY)
    day = rng.integers(0, settings.days, size=count)
    second = np.sort(day * 86_400 + rng.integers(0, 86_400, size=count))
    length = np.maximum(60, rng.lognormal(8.2, 1.0, size=count)).astype(np.int64)
    start = (settings.first_day - date(1970, 1, 1)).days * 86_400
    frame = pl.DataFrame(
        {
            "outage_no": np.arange(1, count + 1),
            "cell": rng.integers(0, cells, size=count).astype(np.int32),
            "started_at": start + second,
            "ended_at": start + second + length,
        }
    )
    return frame.with_columns(pl.from_epoch("started_at"), pl.from_epoch("ended_at"))
