"""S13 e-channels: sessions of customers, of visitors who do not log in, and of robots."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic import frames, identifiers
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.seasons import rhythm
from pipelines.synthetic.world import World

CHANNELS = ("app", "web", "wechat", "terminal")
SESSIONS_PER_LINE = 0.05
BOT_SHARE = 0.015
LOGIN_SHARE = 0.72
HOURS = np.array([3, 2, 1, 1, 1, 1, 3, 6, 8, 9, 10, 10, 11, 9, 8, 8, 8, 8, 9, 11, 13, 13, 10, 6], dtype=float)


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    """One row per session, by time of its start."""
    rng, active = world.settings.rng("e-channel", day), world.on(day)
    size = int(rng.poisson(len(active) * SESSIONS_PER_LINE * rhythm(day).data))
    weight = np.cumsum(active["data_per_day"].to_numpy().astype(np.float64) + 0.5)
    visitor = np.searchsorted(weight, rng.random(size) * weight[-1]) if size else np.empty(0, dtype=np.int64)
    hour = rng.choice(24, size=size, p=HOURS / HOURS.sum())
    second = np.sort(hour * 3600 + rng.integers(0, 3600, size=size))
    is_bot = rng.random(size) < BOT_SHARE
    is_login = ~is_bot & (rng.random(size) < LOGIN_SHARE)
    # Someone who does not log in may still be known from an earlier visit.
    is_known = is_login | (~is_bot & (rng.random(size) < 0.2))
    pages = np.where(is_bot, rng.integers(80, 400, size=size), 1 + rng.poisson(4, size=size))
    msisdn = active["msisdn"].gather(visitor)
    session = {
        "session_id": identifiers.numbered(f"S{day:%Y%m%d}", np.arange(size), 7),
        "msisdn": pl.select(pl.when(pl.Series(is_known)).then(msisdn)).to_series(),
        "channel": pl.Series(CHANNELS)[rng.choice(4, size=size, p=[0.58, 0.12, 0.24, 0.06])],
        "started_at": frames.local(epoch_day(day) * DAY + second),
        "duration_s": np.where(is_bot, pages // 4, rng.gamma(2, 25, size=size) * np.sqrt(pages)).astype(np.int32),
        "pages": pages.astype(np.int32),
        "is_login": is_login,
        "orders": (rng.random(size) < 0.03 * is_login).astype(np.int32),
        "is_bot_suspect": is_bot & (rng.random(size) < 0.8),
    }
    return {"session": pl.DataFrame(session)}
