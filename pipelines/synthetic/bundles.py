"""Handsets sold with a contract, and the few whose buyer never uses them: the bundle of handset and line is unpacked.

A handset on which the operator paid a subsidy goes to whoever pays for it: it stays in a drawer, shows up on a
stranger's line, or leaves for another city together with the line. Most of it happens at a few outlets, a little
anywhere. An honest buyer's line reports the sold handset from the sale on; on that day still the old one if the line
was in it for longer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.synthetic import changes, devices, frames
from pipelines.synthetic.changes import ACTIVE, Kind, Log
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.geography import CITIES, COUNTIES, Geography
from pipelines.synthetic.outlets import AGENT, CHANNELS, Outlets
from pipelines.synthetic.population import HANDSET, Lines
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.state import State

SOLD_SHARE = 0.33  # of the handsets that lines begin to use
ANONYMOUS_SHARE = 0.04  # sold without naming a line
TERMS, TERM_SHARES = (0, 12, 24), (0.4, 0.3, 0.3)  # months of contract; without one there is no subsidy
KINDS = ("never_seen", "other_line", "out_of_province")
NEVER_SEEN, OTHER_LINE, OUT_OF_PROVINCE = range(len(KINDS))
KIND_SHARES = (0.30, 0.35, 0.35)  # leaving for another city only with a new line, else never seen
CORRUPT_CHANNELS = (CHANNELS.index("entrusted"), AGENT, CHANNELS.index("designated"))
CORRUPT_OUTLETS = 0.10  # share of the outlets of these channels, three at least
CORRUPT_SHARE, BACKGROUND_SHARE = 0.55, 0.02  # of their handsets with subsidy, and of anybody's
SEEN_WITHIN_DAYS = 30
HANDED_ON_DAYS = (2, 22)  # days from the sale until another line has the handset
TRIED = 12  # lines looked at to find one that takes the handset
BUSY = 2.0  # sessions a day of whoever takes a handset: it shows soon


@dataclass(frozen=True)
class Sold:
    """What became of the handsets sold.

    `sales` has one row per sale in order of time: sale_no, line, device, at (epoch seconds), months, is_anonymous,
    kind (of unpacking, null for honest buyers) and other_line; `log` is the log of changes with what happened to the
    handsets; `away_cell` is, by line, the cell in which a line that left for another city lives, else -1.
    """

    sales: pl.DataFrame
    log: Log
    away_cell: np.ndarray


def sell(
    settings: Settings, log: Log, state: State, held: Lines, shops: Outlets, geography: Geography, returned: np.ndarray
) -> Sold:
    """Draw the sales and who unpacks the bundle, and let the handsets go where they really went.

    `returned` are the lines of people who came back, whose life must stay comparable. `state` gets further devices.
    """
    history = changes.history(log, state.first)
    sales = _sales(settings, history, held)
    rng = settings.rng("unpacked bundles")
    kind = _kinds(rng, settings, sales, state, shops, returned)
    other, at = _other_lines(rng, settings, sales, kind, history, held)
    kind = np.where((kind == OTHER_LINE) & (other < 0), NEVER_SEEN, kind)
    moved = np.flatnonzero((kind == NEVER_SEEN) | (kind == OTHER_LINE))
    swapped = log.with_devices(_becomes(rng, sales[moved], history, state))
    given = np.flatnonzero(kind == OTHER_LINE)
    swapped.add(other[given], at[given], Kind.DEVICE_CHANGE, sales["device"].to_numpy()[given])
    away_cell = np.full(len(held), -1, dtype=np.int32)
    gone = sales["line"].to_numpy()[kind == OUT_OF_PROVINCE]
    away_cell[gone] = _cell_elsewhere(rng, geography, held.home_cell[gone])
    told = sales.with_columns(
        kind=pl.Series([*KINDS, None])[kind.astype(np.int64)],
        other_line=pl.Series(np.where(kind == OTHER_LINE, other, -1)),
    )
    return Sold(told, swapped, away_cell)


def truth(sold: Sold, lines: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """One row per unpacked bundle sold in the delivered days; `other_user_id`: who shows the handset, if anybody."""
    ends = (epoch_day(settings.end) + 1) * DAY
    found = sold.sales.filter(pl.col("kind").is_not_null(), pl.col("at") < ends)
    buyer, other = found["line"].to_numpy(), found["other_line"].to_numpy()
    other_user = lines["user_id"].gather(np.maximum(other, 0)).set(pl.Series(other < 0), None)
    return found.select(
        "sale_no",
        user_id=lines["user_id"].gather(buyer),
        outlet_id=lines["outlet_id"].gather(buyer),
        kind="kind",
        sold_at=frames.local(found["at"]),
        other_user_id=other_user,
    )


def _sales(settings: Settings, history: pl.DataFrame, held: Lines) -> pl.DataFrame:
    """A third of the handsets that lines begin to use in the delivered days, if nobody else uses them soon.

    Two cards in one phone, a phone that comes back with its owner and a dealer's shared phones are no sales.
    """
    rng, begin = settings.rng("handset sales"), epoch_day(settings.first_day) * DAY
    active = changes.spells(history).filter(pl.col("status") == ACTIVE).select("line", "device", at="from_at")
    used = active.unique(["line", "device"], keep="first", maintain_order=True)
    is_handset = pl.Series(held.line_type == HANDSET)
    new = used.filter((used["at"] >= begin) & is_handset.gather(used["line"]))
    new = new.unique("device", keep="first", maintain_order=True)
    sold = new[np.flatnonzero(rng.random(len(new)) < SOLD_SHARE)].sort("at", maintain_order=True)
    months = pl.Series(rng.choice(TERMS, size=len(sold), p=TERM_SHARES).astype(np.int32))
    drawn = sold.with_columns(months=months, is_anonymous=pl.Series(rng.random(len(sold)) < ANONYMOUS_SHARE))
    turns = used.sort("at", maintain_order=True).select(
        "line", "device", users=pl.len().over("device"), place=pl.int_range(pl.len()).over("device"),
        next_at=pl.col("at").shift(-1).over("device"),
    )  # fmt: skip
    is_own = pl.col("next_at").is_null() | (pl.col("next_at") > pl.col("at") + (SEEN_WITHIN_DAYS + 1) * DAY)
    return (
        drawn.join(turns.filter(pl.col("place") == 0), on=["line", "device"], maintain_order="left")
        .filter(is_own)
        .select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("sale_no"),
            "line", "device", "at", "months", "is_anonymous", "users",
        )
    )  # fmt: skip


def _kinds(
    rng: np.random.Generator,
    settings: Settings,
    sales: pl.DataFrame,
    state: State,
    shops: Outlets,
    returned: np.ndarray,
) -> np.ndarray:
    """The kind of unpacking by sale, -1 for honest buyers; only named lines with a contract, each line once."""
    line = sales["line"].to_numpy()
    sells = np.isin(shops.channel, CORRUPT_CHANNELS) & (shops.weight > 0) & ~shops.is_fake_dealer
    tempted = rng.permutation(np.flatnonzero(sells))
    corrupt = tempted[: max(3, round(CORRUPT_OUTLETS * len(tempted)))]
    share = np.where(np.isin(state.outlet[line], corrupt), CORRUPT_SHARE, BACKGROUND_SHARE)
    kind = rng.choice(len(KINDS), size=len(line), p=KIND_SHARES)
    is_joining = state.activated_at[line] == sales["at"].to_numpy()
    kind = np.where((kind == OUT_OF_PROVINCE) & ~is_joining, NEVER_SEEN, kind)
    _, first = np.unique(line, return_index=True)
    may = np.isin(np.arange(len(line)), first) & ~np.isin(line, returned) & ~state.is_fake[line]
    may &= ((sales["months"] > 0) & ~sales["is_anonymous"] & (sales["users"] == 1)).to_numpy()
    may &= sales["at"].to_numpy() < (epoch_day(settings.end) + 1) * DAY
    return np.where(may & (rng.random(len(line)) < share), kind, -1)


def _other_lines(
    rng: np.random.Generator,
    settings: Settings,
    sales: pl.DataFrame,
    kind: np.ndarray,
    history: pl.DataFrame,
    held: Lines,
) -> tuple[np.ndarray, np.ndarray]:
    """Who takes each handset handed on, and when: a busy, active line without a purchase of its own, else -1."""
    low, high = HANDED_ON_DAYS
    at = sales["at"].to_numpy() // DAY * DAY + rng.integers(low, high, size=len(kind)) * DAY
    at += rng.integers(9 * 3600, 20 * 3600, size=len(kind))
    other = np.full(len(kind), -1, dtype=np.int32)
    fit = (held.line_type == HANDSET) & (held.person >= 0) & (held.rates["data_per_day"] > BUSY)
    fit[sales["line"].to_numpy()] = False
    pool, wanted = np.flatnonzero(fit), np.flatnonzero(kind == OTHER_LINE)
    tried = pool[rng.integers(0, len(pool), size=(len(wanted), TRIED))]
    until = at[wanted] + 10 * DAY
    stays = _is_active(history, tried, at[wanted, None]) & _is_active(history, tried, until[:, None])
    stays &= (until < (epoch_day(settings.end) + 1) * DAY)[:, None]
    found = tried[np.arange(len(wanted)), stays.argmax(axis=1)]
    _, first = np.unique(found, return_index=True)
    is_found = stays.any(axis=1) & np.isin(np.arange(len(wanted)), first)
    other[wanted[is_found]] = found[is_found]
    return other, at


def _is_active(history: pl.DataFrame, line: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether each line is in service and not suspended at a second."""
    row = changes.latest(history, line, at)
    return (row >= 0) & (history["status"].to_numpy()[row] == ACTIVE)


def _becomes(rng: np.random.Generator, sales: pl.DataFrame, history: pl.DataFrame, state: State) -> np.ndarray:
    """By device, what is used in its place: these buyers stay with their old phone, or join with another one.

    No two changes bring the same device, so the number alone tells which one it was.
    """
    line, device, sold_at = (sales[name].to_numpy() for name in ("line", "device", "at"))
    joins = state.activated_at[line] == sold_at
    becomes = np.arange(state.devices + int(joins.sum()))
    before = changes.latest(history, line[~joins], sold_at[~joins] - 1)
    days = (sold_at[joins] // DAY).astype("datetime64[D]")
    model = np.zeros(len(days), dtype=np.int64)
    for day in np.unique(days):
        mine = np.flatnonzero(days == day)
        model[mine] = devices.choose(rng, day.item(), len(mine))
    becomes[device[~joins]] = history["device"].to_numpy()[before]
    becomes[device[joins]] = state.more_devices(model)
    state.first["device"] = becomes[state.first["device"]].astype(state.first["device"].dtype)
    return becomes


def _cell_elsewhere(rng: np.random.Generator, geography: Geography, home: np.ndarray) -> np.ndarray:
    """A cell of another city than that of each home cell."""
    city_of_cell = geography.county_of_cell // len(COUNTIES)
    city = (city_of_cell[home] + rng.integers(1, len(CITIES), size=len(home))) % len(CITIES)
    first, after = np.searchsorted(city_of_cell, city), np.searchsorted(city_of_cell, city, side="right")
    return (first + (rng.random(len(home)) * (after - first)).astype(np.int64)).astype(np.int32)
