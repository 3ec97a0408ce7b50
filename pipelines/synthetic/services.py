"""Value-added services: what is on offer, who takes it from which provider, and who never asked for it.

A service costs its monthly fee in every calendar month in which it was held at some time, without proration. Postpaid
lines find it on the bill, all services of a line in one item; lines without a bill pay the provider directly, which no
system of the operator tells. Most providers sell what people want; a few of them sign people up who did not ask.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.synthetic import changes, frames
from pipelines.synthetic.catalogue import LAUNCHED_ON
from pipelines.synthetic.changes import ACTIVE, FOREVER
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.population import HANDSET, LINE_TYPES
from pipelines.synthetic.settings import Settings

# service, Chinese name, English name, category, provider, fee in fen
OFFERED = [
    ("VAS-CRBT", "彩铃", "Ring-back tones", "music", "SP1001", 500),
    ("VAS-CALLGUARD", "防骚扰", "Call guard", "security", "SP1002", 300),
    ("VAS-VIDEO", "视频会员", "Video pass", "video", "SP1003", 1500),
    ("VAS-CLOUD", "云盘", "Cloud drive", "storage", "SP1002", 600),
    ("VAS-MUSIC", "音乐包", "Music pack", "music", "SP1001", 800),
    ("VAS-NEWS", "手机报", "Mobile news", "news", "SP1004", 500),
    ("VAS-GAME", "游戏大厅", "Game hall", "game", "SP1005", 1000),
    ("VAS-FORTUNE", "每日运势", "Daily fortune", "entertainment", "SP1006", 1200),
    ("VAS-QUIZ", "有奖问答", "Prize quiz", "entertainment", "SP1006", 3000),
]
# provider, name, share of its orders that nobody asked for
PROVIDERS = [
    ("SP1001", "声动文化", 0.02), ("SP1002", "安云科技", 0.01), ("SP1003", "齐视传媒", 0.03),
    ("SP1004", "晨报网络", 0.10), ("SP1005", "乐游互娱", 0.22), ("SP1006", "鸿运无线", 0.55),
]  # fmt: skip
IDS = pl.Series([offer[0] for offer in OFFERED])
FEES_FEN = np.array([offer[5] for offer in OFFERED])
PROVIDER_OF = pl.Series([offer[4] for offer in OFFERED])
APPEAL = (1.0, 1.0, 1.0, 0.8, 1.0, 0.8, 1.0, 0.9, 0.5)
FIRST_SERVICES = 4  # those that the operator's shops sell with a new line
WITH_LINE_SHARE = 0.125
ORDERS_PER_MONTH = 0.10  # of all lines, through providers; a quarter of them are in use and get a bill
KEPT_DAYS, UNNOTICED_DAYS = 240, 45  # mean time until somebody gives a service up, or notices one he never wanted
COMPLAINING_SHARE, REFUNDED_SHARE = 0.7, 0.85
COMPLAINT_DAYS = (0.1, 7.0)  # after the order
ORDER_NUMBERS = 700_000_000  # offer instances that providers send in are numbered from here on


def listed() -> pl.DataFrame:
    """The services as the catalogue lists them."""
    names = ["service_id", "name_zh", "name_en", "category", "provider_id", "fee"]
    provider = pl.DataFrame(PROVIDERS, schema=["provider_id", "provider_name", "unwanted"], orient="row")
    frame = pl.DataFrame(OFFERED, schema=names, orient="row").join(provider, on="provider_id", maintain_order="left")
    return frame.select(
        *names[:5],
        "provider_name",
        monthly_fee=(pl.col("fee") / 100).cast(pl.Decimal(18, 2)),
        valid_from=pl.lit(LAUNCHED_ON),
        valid_to=pl.lit(None, pl.Date),
    )


def with_line(settings: Settings, lines: pl.DataFrame) -> pl.DataFrame:
    """One line in eight takes a service soon after it joins and keeps it until it leaves: line, at, until, service."""
    rng = settings.rng("extras")
    takes = np.flatnonzero(rng.random(lines.height) < WITH_LINE_SHARE)
    at = lines["activated_at"].dt.epoch("s").to_numpy()[takes] + rng.integers(3600, 40 * DAY, size=len(takes))
    rows = pl.DataFrame(
        {
            "line": takes.astype(np.int32),
            "at": at,
            "until": lines["terminated_at"].dt.epoch("s").gather(takes),
            "service": rng.integers(0, FIRST_SERVICES, size=len(takes)),
        }
    )
    return rows.filter((pl.col("until") > pl.col("at")) | pl.col("until").is_null())


def orders(settings: Settings, lines: pl.DataFrame, history: pl.DataFrame, plans: pl.DataFrame) -> pl.DataFrame:
    """One row per order through a provider in the delivered days, by time, by active postpaid lines only.

    Columns: number, line, at, until (epoch seconds), service, is_wanted, complained_at (0 without), is_refunded.
    """
    rng, begin = settings.rng("service orders"), epoch_day(settings.first_day) * DAY
    size = rng.poisson(lines.height * ORDERS_PER_MONTH * settings.days / 30)
    line = rng.integers(0, lines.height, size=size)
    second = rng.integers(9 * 3600, 22 * 3600, size=size)
    at = begin + rng.integers(0, settings.days, size=size) * DAY + second
    service = rng.choice(len(OFFERED), size=size, p=np.array(APPEAL) / sum(APPEAL))
    unwanted = pl.Series([share for *_, share in PROVIDERS]).gather(
        pl.Series([[one[0] for one in PROVIDERS].index(provider) for provider in PROVIDER_OF])
    )
    is_wanted = rng.random(size) >= unwanted.to_numpy()[service]
    low, high = COMPLAINT_DAYS
    complained = at + (rng.uniform(low, high, size=size) * DAY).astype(np.int64)
    complains = ~is_wanted & (rng.random(size) < COMPLAINING_SHARE) & (complained < begin + settings.days * DAY)
    mean = np.where(is_wanted, KEPT_DAYS, UNNOTICED_DAYS)
    given_up = at + DAY + (rng.exponential(mean) * DAY).astype(np.int64)
    until = np.where(complains, complained + rng.integers(DAY // 2, 3 * DAY, size=size), given_up)
    ends = lines["terminated_at"].dt.epoch("s").fill_null(FOREVER).to_numpy()[line]
    stays = ends > complained + 5 * DAY  # whoever leaves at once has other worries
    found = pl.DataFrame(
        {
            "line": line.astype(np.int32), "at": at, "until": np.minimum(until, ends), "service": service,
            "is_wanted": is_wanted, "complained_at": np.where(complains, complained, 0),
            "is_refunded": complains & (rng.random(size) < REFUNDED_SHARE),
        }
    )  # fmt: skip
    may = pl.Series(stays) & pl.Series(_is_billed_handset(found, lines, history, plans))
    held = with_line(settings, lines).select("line", "service")
    return (
        found.filter(may)
        .sort("at", "line")
        .unique(["line", "service"], keep="first", maintain_order=True)
        .join(held, on=["line", "service"], how="anti", maintain_order="left")
        .with_row_index("number", offset=ORDER_NUMBERS)
    )


def monthly_fees(held: pl.DataFrame, lines: int, first: int, end: int) -> np.ndarray:
    """Fen by line for the services held at some time from one epoch second up to, not including, another."""
    in_month = held.filter(pl.col("at") < end, pl.col("until").is_null() | (pl.col("until") > first))
    fees = np.zeros(lines, dtype=np.int64)
    np.add.at(fees, in_month["line"].to_numpy(), FEES_FEN[in_month["service"].to_numpy()])
    return fees


def truth(ordered: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row per order through a provider: whether anybody asked for it, and what came of it."""
    service = ordered["service"].to_numpy()
    complained = ordered["complained_at"].to_numpy()
    return ordered.select(
        offer_instance_no=pl.col("number").cast(pl.Int64),
        user_id=lines["user_id"].gather(ordered["line"]),
        service_id=IDS.gather(service),
        provider_id=PROVIDER_OF.gather(service),
        ordered_at=frames.local(ordered["at"]),
        is_wanted="is_wanted",
        complained_at=frames.local(np.where(complained > 0, complained, FOREVER)),
        is_refunded="is_refunded",
    )


def _is_billed_handset(
    found: pl.DataFrame, lines: pl.DataFrame, history: pl.DataFrame, plans: pl.DataFrame
) -> np.ndarray:
    """Whether each order's line is a person's handset, in service and on a postpaid plan at that time."""
    line = found["line"].to_numpy()
    row = changes.latest(history, line, found["at"].to_numpy())
    is_there = (row >= 0) & (history["status"].to_numpy()[row] == ACTIVE)
    is_postpaid = (plans["pay_type"] == "postpaid").to_numpy()[history["plan"].to_numpy()[row]]
    is_handset = (lines["line_type"] == LINE_TYPES[HANDSET]).to_numpy() & lines["person"].is_not_null().to_numpy()
    return is_there & is_postpaid & is_handset[line]
