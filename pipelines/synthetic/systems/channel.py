"""S9 channel: outlets as they stand, SIM cards sent to them, and commission for what they activate."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl

from pipelines.synthetic import frames, identifiers
from pipelines.synthetic.changes import Kind
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.daily import Daily
from pipelines.synthetic.world import World

TRANCHE_DAYS = np.array([7, 95, 185])
TRANCHE_AMOUNTS = ("20.00", "25.00", "15.00")
PADDED_SHARE, PADDED_TIMES = 0.5, 6
LONGEST_DAYS = 200  # activations further back have no commission left


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return {
        "outlet": _outlet(world, day),
        "stock_issue": _stock(world).on(day).drop("at"),
        "commission": _commissions(world).on(day).drop("at"),
    }


def _outlet(world: World, day: date) -> pl.DataFrame:
    known = world.outlets.versions.filter(pl.col("updated_at").dt.date() <= day)
    return known.unique("outlet_id", keep="last", maintain_order=True).sort("outlet_id").select(
        "outlet_id", "outlet_name", "channel_type", "parent_outlet_id", "area_id", "opened_on", "closed_on", "staff",
        "updated_at",
    )  # fmt: skip


@lru_cache(maxsize=1)
def _stock(world: World) -> Daily:
    """Every card was sent to an outlet weeks before; one in twelve is then activated by another outlet."""
    settings, rng = world.settings, world.settings.rng("stock")
    carded = pl.col("kind").is_in([Kind.ACTIVATE, Kind.SIM_CHANGE]) & (
        pl.col("at") >= epoch_day(settings.first_day) * DAY
    )
    rows = world.changes.filter(carded).select("line", "sim", "at")
    shop = world.lines["outlet_id"].gather(rows["line"])
    other = world.outlets.outlet_id[rng.integers(0, len(world.outlets.outlet_id), size=len(rows))]
    strays = pl.Series(rng.random(len(rows)) < 1 / 12)
    issued = rows["at"] - pl.Series(rng.integers(3 * DAY, 60 * DAY, size=len(rows)))
    frame = rows.select(
        outlet_id=pl.when(strays).then(other).otherwise(shop),
        iccid=identifiers.iccid(rows["sim"].to_numpy()),
        issued_at=frames.local(issued),
        at=issued,
    ).sort("at", "iccid")
    return Daily.of(settings, frame.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("issue_no"), pl.all()))


@lru_cache(maxsize=1)
def _commissions(world: World) -> Daily:
    """Three tranches per line; what falls due after the line has ended is withheld. Some outlets book lines again."""
    settings, rng = world.settings, world.settings.rng("commission")
    activated = world.lines["activated_at"].dt.epoch("s").to_numpy()
    line = np.flatnonzero(activated >= (epoch_day(settings.first_day) - LONGEST_DAYS) * DAY)
    line, tranche = np.repeat(line, 3), np.tile(np.arange(3), len(line))
    booked = activated[line] + TRANCHE_DAYS[tranche] * DAY + rng.integers(0, 3 * DAY, size=len(line))
    ended = world.terminated_at[line] < booked
    frame = pl.DataFrame(
        {
            "outlet_id": world.lines["outlet_id"].gather(line),
            "user_id": world.lines["user_id"].gather(line),
            "scheme": pl.Series(["SCHEME-A", "SCHEME-B"])[(line % 4 == 0).astype(np.int8)],
            "tranche": (tranche + 1).astype(np.int32),
            "due_month": frames.local(booked).dt.strftime("%Y%m"),
            "amount_amt": pl.Series(TRANCHE_AMOUNTS)[tranche].cast(pl.Decimal(18, 2)),
            "status": pl.Series(["paid", "withheld"])[ended.astype(np.int8)],
            "booked_at": frames.local(booked),
            "at": booked,
        }
    )
    frame = pl.concat([frame, _padding(world, frame)]).sort("at", "user_id", maintain_order=True)
    frame = frame.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("commission_no"), pl.all())
    return Daily.of(settings, frame)


def _padding(world: World, booked: pl.DataFrame) -> pl.DataFrame:
    """In the months in which an outlet pads, half of its lines are booked over and over, as if for other services."""
    shops, rng = world.outlets, world.settings.rng("padding")
    when = shops.padded.select(outlet_id=shops.outlet_id.gather(shops.padded["outlet"]), month="month")
    month = pl.col("booked_at").dt.truncate("1mo").dt.date()
    paid = booked.filter(pl.col("status") == "paid").with_columns(month=month)
    lines = paid.join(when, on=["outlet_id", "month"], maintain_order="left").unique("user_id", maintain_order=True)
    lines = lines.filter(pl.Series(rng.random(lines.height) < PADDED_SHARE))
    again = lines.select(booked.columns)[np.repeat(np.arange(lines.height), PADDED_TIMES)]
    return again.with_columns(scheme=pl.lit("SCHEME-C"), amount_amt=pl.lit(TRANCHE_AMOUNTS[0]).cast(pl.Decimal(18, 2)))
