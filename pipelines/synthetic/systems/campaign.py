"""S11 campaign: activities, frozen target lists with their controls, contacts and answers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

import polars as pl

from pipelines.synthetic import frames
from pipelines.synthetic.campaigning import KINDS, campaign_ids
from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.daily import Daily
from pipelines.synthetic.world import World

NAMES = {"retention": "老客户续约", "upsell": "流量升级"}
OFFERS = {"retention": "CON-RENEW12", "upsell": "BUN-DATA10G"}
CHANNELS = {"retention": "outbound", "upsell": "sms"}
OUTCOMES = ("reached", "not_reached", "refused")


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return {
        "activity": _activities(world).on(day).drop("at"),
        "target": _targets(world).on(day).drop("at"),
        "contact": _contacts(world).on(day).drop("at"),
        "response": _responses(world).on(day).drop("at"),
    }


@lru_cache(maxsize=1)
def _activities(world: World) -> Daily:
    """A campaign is announced three days ahead and closed, with its cost, when it ends."""
    rows = []
    sizes = dict(world.targets.group_by("campaign").agg(pl.col("is_contacted").sum()).iter_rows())
    for number, campaign_id in enumerate(campaign_ids(world.campaign_months)):
        month, kind = world.campaign_months[number // len(KINDS)], KINDS[number % len(KINDS)]
        ends = month_start(month, 1) - timedelta(days=1)
        row = {
            "campaign_id": campaign_id, "name": f"{month:%Y年%m月}{NAMES[kind]}", "offer_id": OFFERS[kind],
            "channel": CHANNELS[kind], "starts_on": month, "ends_on": ends,
        }  # fmt: skip
        cost = Decimal(sizes[number]) * (Decimal("3.50") if kind == "retention" else Decimal("0.05"))
        told = ((month - timedelta(days=3), Decimal(0)), (ends, cost))
        rows += [row | {"cost_amt": amount, "updated_at": datetime.combine(on, time(18))} for on, amount in told]
    frame = pl.DataFrame(rows, schema_overrides={"cost_amt": pl.Decimal(18, 2), "updated_at": pl.Datetime("us")})
    return Daily.latest(world.settings, frame.with_columns(at=pl.col("updated_at").dt.epoch("s")), "campaign_id")


@lru_cache(maxsize=1)
def _named(world: World) -> pl.DataFrame:
    number = world.targets["campaign"].to_numpy()
    return world.targets.with_columns(
        campaign_id=pl.Series(campaign_ids(world.campaign_months))[number],
        channel=pl.Series([CHANNELS[kind] for kind in KINDS])[world.targets["kind"].to_numpy()],
        user_id=world.lines["user_id"].gather(world.targets["line"]),
        frozen=pl.Series([epoch_day(month) * DAY + 6 * 3600 for month in world.campaign_months])[number // len(KINDS)],
    )


@lru_cache(maxsize=1)
def _targets(world: World) -> Daily:
    rows = _named(world)
    frame = rows.select(
        "campaign_id", "user_id", pl.col("is_control").cast(pl.Int8), frozen_at=frames.local(rows["frozen"]),
        priority="priority", at="frozen",
    )  # fmt: skip
    return Daily.of(world.settings, frame)


@lru_cache(maxsize=1)
def _contacts(world: World) -> Daily:
    rows = _named(world).filter("is_contacted").sort("contacted_at", "user_id")
    frame = rows.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("contact_no"), "campaign_id", "user_id",
        contacted_at=frames.local(rows["contacted_at"]), channel="channel",
        outcome=pl.Series(OUTCOMES)[rows["outcome"].to_numpy()], at="contacted_at",
    )  # fmt: skip
    return Daily.of(world.settings, frame)


@lru_cache(maxsize=1)
def _responses(world: World) -> Daily:
    rows = _named(world).filter("answers").sort("responded_at", "user_id")
    frame = rows.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("response_no"), "campaign_id", "user_id",
        responded_at=frames.local(rows["responded_at"]), is_accepted=pl.col("is_accepted").cast(pl.Int8),
        at="responded_at",
    )  # fmt: skip
    return Daily.of(world.settings, frame)
