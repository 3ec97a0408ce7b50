"""Points of sale: the operator's shops, agents, online and bank channels; some agents invent customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.geography import CITY_SHARE, COUNTY_SHARE, Geography, county_id
from pipelines.synthetic.settings import Settings

CHANNELS = ("own_shop", "entrusted", "agent", "designated", "e_channel", "direct", "bank", "air_recharge")
CHANNEL_SHARES = (0.16, 0.14, 0.38, 0.16, 0.04, 0.05, 0.04, 0.03)
NAMES = ("营业厅", "委托厅", "手机专卖店", "指定专营店", "网上营业厅", "直销中心", "银行网点", "空中充值点")
AGENT = CHANNELS.index("agent")
FAKE_DEALERS = 0.06  # share of agents
HEADS = 5  # one distributor per city, parent of the agents there


@dataclass(frozen=True)
class Outlets:
    """Row i = outlet i; `versions` holds every state (re-parenting, closing), sorted by updated_at."""

    channel: np.ndarray
    cell: np.ndarray
    is_fake_dealer: np.ndarray
    weight: np.ndarray
    outlet_id: pl.Series
    versions: pl.DataFrame


def build(settings: Settings, geography: Geography) -> Outlets:
    rng = settings.rng("outlets")
    count = 24 + settings.subscribers // 2500
    channel = rng.choice(len(CHANNELS), size=count, p=CHANNEL_SHARES)
    channel[:HEADS] = CHANNELS.index("direct")
    channel[HEADS : HEADS + 3] = AGENT
    shares = (CITY_SHARE[:, None] * COUNTY_SHARE[None, :]).ravel()
    county = rng.choice(len(shares), size=count, p=shares)
    county[:HEADS] = np.arange(HEADS) * len(COUNTY_SHARE)
    cells_by_county = geography.county_of_cell
    first = np.searchsorted(cells_by_county, county)
    is_fake_dealer = (channel == AGENT) & (rng.random(count) < FAKE_DEALERS)
    is_fake_dealer[HEADS] = True
    weight = rng.lognormal(0, 0.7, size=count) * np.isin(channel, [0, 1, 2, 3, 4])
    outlet_id = pl.Series([f"O{37_000_001 + number}" for number in range(count)])
    versions = _versions(settings, rng, channel, county, outlet_id)
    return Outlets(channel, first.astype(np.int32), is_fake_dealer, weight / weight.sum(), outlet_id, versions)


def _versions(
    settings: Settings, rng: np.random.Generator, channel: np.ndarray, county: np.ndarray, outlet_id: pl.Series
) -> pl.DataFrame:
    count = len(channel)
    area = county_id(county)
    opened = [date(2018, 1, 1) + timedelta(days=int(day)) for day in rng.integers(0, 900, size=count)]
    has_parent = (channel == AGENT) | (channel == 1) | (channel == 3)
    parent = np.where(has_parent, county // len(COUNTY_SHARE), -1)
    first = pl.DataFrame(
        {
            "outlet": np.arange(count, dtype=np.int32),
            "outlet_id": outlet_id,
            "outlet_name": [
                f"{place}{NAMES[kind]}{n:03d}" for n, (place, kind) in enumerate(zip(area, channel, strict=True))
            ],
            "channel_type": np.array(CHANNELS)[channel],
            "parent": parent,
            "area_id": area,
            "opened_on": pl.Series(opened),
            "closed_on": pl.Series([None] * count, dtype=pl.Date),
            "staff": np.where(channel <= AGENT, rng.integers(2, 15, size=count), 1).astype(np.int32),
            "updated_at": pl.Series(opened).cast(pl.Datetime("us")),
        }
    )
    moved = np.flatnonzero(has_parent & (rng.random(count) < min(0.9, 0.008 * settings.days / 30 + 0.02)))
    closed = np.flatnonzero(
        (channel == AGENT) & (rng.random(count) < 0.002 * settings.days / 30) & (np.arange(count) > HEADS)
    )
    changes = [_changed(settings, rng, first[moved]).with_columns(parent=(pl.col("parent") + 1) % HEADS)]
    closing = _changed(settings, rng, first[closed])
    changes.append(closing.with_columns(closed_on=pl.col("updated_at").dt.date()))
    names = pl.DataFrame({"parent": np.arange(count), "parent_outlet_id": outlet_id})
    return pl.concat([first, *changes]).join(names, on="parent", how="left").sort("updated_at", "outlet")


def _changed(settings: Settings, rng: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    offset = np.sort(rng.integers(1, max(2, settings.days), size=len(rows)))
    days = [settings.first_day + timedelta(days=int(day)) for day in offset]
    return rows.with_columns(updated_at=pl.Series(days, dtype=pl.Date).cast(pl.Datetime("us")) + pl.duration(hours=10))
