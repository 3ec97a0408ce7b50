"""S4: rated data sessions of online charging, daily."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.synthetic.money import books
from pipelines.synthetic.world import World


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return {"data_record": books(world).records(day)[1]}
