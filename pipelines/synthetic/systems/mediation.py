"""S3: voice and message records of the switches, daily."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.synthetic.money import books
from pipelines.synthetic.world import World


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return {"cdr": books(world).records(day)[0]}
