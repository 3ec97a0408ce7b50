"""S14 number portability: numbers that came and went, refused requests, and enquiries for the code needed to leave."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl

from pipelines.synthetic import frames, identifiers
from pipelines.synthetic.asof import msisdn_at
from pipelines.synthetic.changes import Kind
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.daily import Daily
from pipelines.synthetic.leaving import OPERATORS, other_operator, porting
from pipelines.synthetic.world import World

CHANNELS = ("sms", "app", "hotline", "shop")
ENQUIRING_SHARE = 0.85  # of those who port out
CURIOUS_SHARE = 0.003  # of the base, per month: they ask and stay
REFUSED_SHARE = 0.08


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return {
        "port_event": _port_events(world).on(day).drop("at"),
        "enquiry": _enquiries(world).on(day).drop("at"),
    }


@lru_cache(maxsize=1)
def _port_events(world: World) -> Daily:
    """Ports that were done and refused; a reversed one is told as done first, and as reversed when it is undone."""
    settings, rng, moves = world.settings, world.settings.rng("porting"), porting(world.changes)
    comes = moves["kind"].to_numpy() == Kind.PORT_IN
    other = pl.Series(OPERATORS).gather(other_operator(rng, moves))
    done = _events(moves["number"].to_numpy(), moves["at"].to_numpy(), comes, other, "done", rng)
    refused = _refused(world, rng, round(len(moves) * REFUSED_SHARE))
    undone = world.leaving.reversed
    back = _events(
        undone["number"].to_numpy(), undone["reversed_at"].to_numpy(), np.zeros(len(undone), dtype=bool),
        pl.Series(OPERATORS).gather(undone["recipient"]), "reversed", settings.rng("undone ports"),
    )  # fmt: skip
    frame = pl.concat([done, refused, back]).sort("at", "msisdn")
    return Daily.of(settings, frame.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("port_no"), pl.all()))


def _refused(world: World, rng: np.random.Generator, size: int) -> pl.DataFrame:
    """Requests to leave that failed (debts, contract, wrong papers); the line stays."""
    line, at = _somebody(world, rng, size)
    number = msisdn_at(world, line, at).cast(pl.Int64).to_numpy()
    other = pl.Series(OPERATORS)[rng.integers(0, 2, size=len(line))]
    return _events(number, at.to_numpy(), np.zeros(len(line), dtype=bool), other, "rejected", rng)


def _events(
    number: np.ndarray, at: np.ndarray, comes: np.ndarray, other: pl.Series, status: str, rng: np.random.Generator
) -> pl.DataFrame:
    comes_in = pl.Series(comes)
    requested = at - rng.integers(3600, 3 * DAY, size=len(at))
    return pl.select(
        msisdn=identifiers.text(number),
        donor=pl.when(comes_in).then(other).otherwise(pl.lit("own")),
        recipient=pl.when(comes_in).then(pl.lit("own")).otherwise(other),
        requested_at=frames.local(requested),
        ported_at=frames.local(at),
        status=pl.lit(status),
        at=pl.Series(at),
    )


@lru_cache(maxsize=1)
def enquirers(world: World) -> pl.DataFrame:
    """Who asked when and where: most of those who leave, days before, and some who only ask."""
    settings, rng = world.settings, world.settings.rng("enquiries")
    leaving = porting(world.changes).filter(kind=Kind.PORT_OUT)
    leaving = leaving[np.flatnonzero(rng.random(len(leaving)) < ENQUIRING_SHARE)]
    asked = leaving["at"] - pl.Series(rng.integers(6 * 3600, 12 * DAY, size=len(leaving)))
    curious, when = _somebody(world, rng, round(settings.subscribers * CURIOUS_SHARE * settings.days / 30))
    line, at = pl.concat([leaving["line"], curious]), pl.concat([asked, when])
    channel = pl.Series(CHANNELS)[rng.choice(4, size=len(line), p=[0.6, 0.2, 0.12, 0.08])]
    return pl.DataFrame({"line": line, "at": at, "channel": channel})


@lru_cache(maxsize=1)
def _enquiries(world: World) -> Daily:
    asked = enquirers(world)
    frame = asked.select(
        msisdn=msisdn_at(world, asked["line"], asked["at"]),
        enquired_at=frames.local(asked["at"]),
        channel="channel",
        at="at",
    ).sort("at", "msisdn")
    numbered = frame.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("enquiry_no"), pl.all())
    return Daily.of(world.settings, numbered)


def _somebody(world: World, rng: np.random.Generator, size: int) -> tuple[pl.Series, pl.Series]:
    """About `size` lines in service and moments of the delivered days at which they were."""
    line = rng.integers(0, world.lines.height, size=size)
    at = epoch_day(world.settings.first_day) * DAY + rng.integers(0, world.settings.days * DAY, size=size)
    begun = world.lines["activated_at"].dt.epoch("s").to_numpy()[line] < at
    there = begun & (world.terminated_at[line] > at + 30 * DAY)
    return pl.Series(line[there].astype(np.int32)), pl.Series(at[there])
