"""Points of sale: shops, agents, online and bank channels. Some invent customers, sell elsewhere or pad commission."""

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
WEAKEST_FAKER = 0.4  # share of invented customers among what a faking agent activates; the first of them has FAKE_SHARE
FAKE_SHARE = 0.7
LOCAL_SHARE = 0.85  # of lines sold in the city where they are used
STRAYING = 0.04  # share of outlets that sell in every city but their own, and that pad commission; at least one each
PADDED_MONTHS = 0.15  # share of months in which they do
COUNTERS = ("own_shop", "agent", "bank", "air_recharge")  # channels of payment behind which an outlet stands


@dataclass(frozen=True)
class Outlets:
    """Row i = outlet i; `versions` holds every state (re-parenting, closing), sorted by updated_at."""

    channel: np.ndarray
    cell: np.ndarray
    fake_share: np.ndarray  # of what it activates; 0 for most
    is_straying: np.ndarray
    weight: np.ndarray
    outlet_id: pl.Series
    versions: pl.DataFrame
    padded: pl.DataFrame  # outlet and month (its first day) of padded commission

    @property
    def is_fake_dealer(self) -> np.ndarray:
        return self.fake_share > 0

    def counter(self, channel: pl.Series, payer: np.ndarray) -> pl.Series:
        """The outlet that takes each payment, always the same for a payer; null where no outlet does."""
        found = np.full(len(payer), -1)
        for name in COUNTERS:
            there = np.flatnonzero(self.channel == CHANNELS.index(name))
            mine = (channel == name).fill_null(value=False).to_numpy()
            if len(there):
                found[mine] = there[payer[mine] % len(there)]
        return pl.select(pl.when(pl.Series(found) >= 0).then(self.outlet_id.gather(np.maximum(found, 0)))).to_series()


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
    own = settings.rng("conduct of outlets")  # of its own: the rest of the world does not depend on it
    fake_share = np.where(is_fake_dealer, own.uniform(WEAKEST_FAKER, FAKE_SHARE, size=count), 0.0)
    fake_share[HEADS] = FAKE_SHARE
    weight = rng.lognormal(0, 0.7, size=count) * np.isin(channel, [0, 1, 2, 3, 4])
    outlet_id = pl.Series([f"O{37_000_001 + number}" for number in range(count)])
    versions = _versions(settings, rng, channel, county, outlet_id)
    honest = np.flatnonzero((weight > 0) & ~is_fake_dealer & (channel != CHANNELS.index("e_channel")))
    several = max(1, round(STRAYING * len(honest)))
    strange = own.choice(honest, size=2 * several, replace=False)
    is_straying = np.isin(np.arange(count), strange[:several])
    padded = _padded(settings, own, np.sort(strange[several:]))
    cell, share = first.astype(np.int32), weight / weight.sum()
    return Outlets(channel, cell, fake_share, is_straying, share, outlet_id, versions, padded)


def sold_by(settings: Settings, geography: Geography, shops: Outlets, home_cell: np.ndarray) -> np.ndarray:
    """The outlet of each line: mostly one of the city where the line is used, or one that strays from another city."""
    seller = settings.rng("sales").choice(len(shops.weight), size=len(home_cell), p=shops.weight).astype(np.int32)
    rng = settings.rng("local sales")
    is_local = rng.random(len(home_cell)) < LOCAL_SHARE
    lives_in = geography.county_of_cell[home_cell] // len(COUNTY_SHARE)
    sells_in = geography.county_of_cell[shops.cell] // len(COUNTY_SHARE)
    for city in range(HEADS):
        is_there = (sells_in == city) ^ shops.is_straying
        pool = np.where(is_there | (shops.channel == CHANNELS.index("e_channel")), shops.weight, 0)
        lines = np.flatnonzero(is_local & (lives_in == city))
        if pool.sum() > 0:
            seller[lines] = rng.choice(len(pool), size=len(lines), p=pool / pool.sum())
    return seller


def _padded(settings: Settings, rng: np.random.Generator, outlet: np.ndarray) -> pl.DataFrame:
    """Months, among the delivered ones, in which outlets have lines booked over and over."""
    first = settings.first_day.year * 12 + settings.first_day.month - 1
    count = settings.end.year * 12 + settings.end.month - first
    draw = rng.random((len(outlet), count))
    chosen = (draw < PADDED_MONTHS) | (draw == draw.min(axis=1, keepdims=True))
    who, month = np.nonzero(chosen)
    days = [date((first + int(m)) // 12, (first + int(m)) % 12 + 1, 1) for m in month]
    return pl.DataFrame({"outlet": outlet[who].astype(np.int32), "month": pl.Series(days, dtype=pl.Date)})


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
