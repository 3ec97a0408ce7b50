"""What held for a line at a moment, read from the log of changes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from pipelines.synthetic import identifiers
from pipelines.synthetic.changes import SPAN
from pipelines.synthetic.world import World


def msisdn_at(world: World, line: pl.Series, at: pl.Series) -> pl.Series:
    """The number of each line at each epoch second; before its first change the first one."""
    key, begin, number = _numbers(world)
    wanted = line.to_numpy().astype(np.int64) * SPAN + at.to_numpy()
    latest = np.searchsorted(key, wanted, side="right") - 1
    return identifiers.text(number[np.maximum(latest, begin[line.to_numpy()])])


@lru_cache(maxsize=1)
def _numbers(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    changes = world.changes
    line = changes["line"].to_numpy().astype(np.int64)
    begin = np.searchsorted(line, np.arange(world.lines.height))
    return line * SPAN + changes["at"].to_numpy(), begin, changes["number"].to_numpy()
