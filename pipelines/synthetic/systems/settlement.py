"""S15: interconnection with other operators, on the first of a month."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.synthetic.money import books
from pipelines.synthetic.world import World


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return books(world).day(day).get("settlement", {})
