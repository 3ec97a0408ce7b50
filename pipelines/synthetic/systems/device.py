"""S8 device: which equipment each line was seen in, the type allocation codes, and handsets sold with a contract."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
import polars as pl

from pipelines.synthetic import frames, identifiers
from pipelines.synthetic.clock import epoch_day
from pipelines.synthetic.daily import Daily
from pipelines.synthetic.devices import MODELS
from pipelines.synthetic.world import World

REFRESH_DAYS = 28  # the register tells a pair when it is new, and again every four weeks while it lives
TAC_BLOCKS = 8


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    told = {"subscriber_device": _subscriber_device(world, day), "handset_sale": _handset_sale(world, day)}
    if day.day == 1 or day == world.settings.first_day:
        told["tac"] = _tac(world)
    return told


@lru_cache(maxsize=1)
def _pairs(world: World) -> pl.DataFrame:
    """One row per line and device in use: first and last day, as day numbers."""
    used = world.spells.filter(pl.col("status") == "active").select(
        "line", "imei", first=pl.col("from_at").dt.date(), last=(pl.col("to_at") - pl.duration(seconds=1)).dt.date()
    )
    pairs = used.group_by("line", "imei", maintain_order=True).agg(pl.col("first").min(), pl.col("last").max())
    rate = world.lines.select("line", per_day=pl.sum_horizontal("voice_per_day", "sms_per_day", "data_per_day"))
    return pairs.join(rate, on="line", how="left", maintain_order="left")


def _subscriber_device(world: World, day: date) -> pl.DataFrame:
    pairs, number = _pairs(world), epoch_day(day)
    first, last, line = _arrays(world)
    lives = (first <= number) & (last >= number)
    is_told = (
        lives
        if day == world.settings.first_day
        else lives & ((first == number) | ((line + number) % REFRESH_DAYS == 0))
    )
    rows = pairs[np.flatnonzero(is_told)]
    days = (pl.lit(day) - pl.col("first")).dt.total_days() + 1
    return rows.select(
        user_id=world.lines["user_id"].gather(rows["line"]),
        imei="imei",
        first_seen_on="first",
        last_seen_on=pl.lit(day),
        events=(days * pl.col("per_day")).round().clip(1).cast(pl.Int32),
    )


@lru_cache(maxsize=1)
def _arrays(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pairs = _pairs(world)
    days = pairs.select(pl.col("first", "last").dt.epoch("d"))
    return days["first"].to_numpy(), days["last"].to_numpy(), pairs["line"].to_numpy()


@lru_cache(maxsize=1)
def _tac(world: World) -> pl.DataFrame:
    """Every code in use: a model has one per million devices made."""
    models = MODELS.select("tac", "brand", "model", "os", "rat", "slots", "launched_on", "price_band")
    blocks = [models.with_columns(pl.col("tac") + block) for block in range(len(world.device_tac) // 1_000_000 + 1)]
    return pl.concat(blocks).with_columns(pl.col("tac").cast(pl.Utf8), pl.col("slots").cast(pl.Int32)).sort("tac")


def _handset_sale(world: World, day: date) -> pl.DataFrame:
    rows = _sales(world).on(day)
    return rows.drop("at")


@lru_cache(maxsize=1)
def _sales(world: World) -> Daily:
    """The handsets sold with or without a contract, some without naming a line."""
    sold = world.sales
    line = world.lines[sold["line"].to_numpy()]
    imei = identifiers.text(identifiers.imei(world.device_tac[sold["device"].to_numpy()], sold["device"].to_numpy()))
    price = _price(imei)
    rows = sold.select(
        "sale_no",
        imei=imei,
        outlet_id=line["outlet_id"],
        user_id=pl.when(~pl.col("is_anonymous")).then(line["user_id"]),
        contract_months="months",
        sold_at=frames.local(sold["at"]),
        price_amt=price.cast(pl.Decimal(18, 2)),
        subsidy_amt=(price * pl.col("months") // 60).cast(pl.Decimal(18, 2)),
        at="at",
    )
    return Daily.of(world.settings, rows)


def _price(imei: pl.Series) -> pl.Series:
    models = pl.concat([MODELS.select(tac=pl.col("tac") + block, price="price") for block in range(TAC_BLOCKS)])
    tac = pl.DataFrame({"tac": imei.str.head(8).cast(pl.Int64)})
    return tac.join(models.unique("tac"), on="tac", how="left", maintain_order="left")["price"].cast(pl.Int64)
