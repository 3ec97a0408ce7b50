"""Desk: what people did about findings on outlets - mostly those that are true, now and then one that is not - and how
they tried to keep lines that had enquired about leaving."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from pipelines.synthetic import frames
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.daily import Daily
from pipelines.synthetic.systems.mnp import enquirers
from pipelines.synthetic.world import World

HANDLERS = ("desk01", "desk02", "desk03")
ARBITRAGE = ("01", "02", "03", "04", "05")
FALSE_ALARMS = 0.4  # per month
APPEAL_SHARE = 0.3
WORKED_SHARE = 0.7  # of enquiries, those somebody takes up
SPOKEN_SHARE = 0.75  # of tasks, those whose customer is spoken to
OFFERED_SHARE = 0.6  # of these, those that are made an offer; a third of them take it
OFFERS = ("CON-RENEW12", "BUN-DATA10G")
CALLERS = ("keep01", "keep02", "keep03", "keep04")
SCHEMA = {
    "outlet_id": pl.String, "month": pl.String, "model": pl.String, "action": pl.String, "result": pl.String,
    "arbitrage_code": pl.String, "handler": pl.String, "at": pl.Int64,
}  # fmt: skip


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    """The steps of a day; the first day brings files whatever happened, other days only when something did."""
    told = {"case_event": _steps(world).on(day), "task_event": _task_steps(world).on(day)}
    is_first = day == world.settings.first_day
    return {name: rows.drop("at") for name, rows in told.items() if is_first or not rows.is_empty()}


@lru_cache(maxsize=1)
def _steps(world: World) -> Daily:
    settings, rng = world.settings, world.settings.rng("desk")
    first, last = epoch_day(settings.first_day) * DAY, (epoch_day(settings.end) + 1) * DAY
    told = [step for case in _cases(world, rng) for step in _steps_of(rng, *case)]
    frame = pl.DataFrame(told, schema=SCHEMA, orient="row").filter(pl.col("at").is_between(first, last, closed="left"))
    frame = frame.sort("at", "outlet_id", maintain_order=True)
    numbered = frame.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("event_no"), pl.all())
    return Daily.of(settings, numbered.with_columns(acted_at=frames.local(numbered["at"].to_numpy())))


def _cases(world: World, rng: np.random.Generator) -> Iterator[tuple[str, date, str, bool]]:
    """Outlet, month judged, model, and whether it is true; lines are judged in the month after their activation."""
    for name in ("fake_activation", "cross_region"):
        activated = world.truth[name].select("outlet_id", month=pl.col("activated_at").dt.truncate("1mo").dt.date())
        for outlet, month in activated.unique().sort("outlet_id", "month").iter_rows():
            yield outlet, next_month(month), name, True
    for outlet, month in world.truth["commission_anomaly"].iter_rows():
        yield outlet, month, "commission_anomaly", True
    suspect = set(world.truth["fake_activation"]["outlet_id"]) | set(world.truth["cross_region"]["outlet_id"])
    honest = [outlet for outlet in world.outlets.outlet_id if outlet not in suspect]
    month = world.settings.first_day.replace(day=1)
    while month <= world.settings.end:
        if rng.random() < FALSE_ALARMS:
            yield honest[int(rng.integers(len(honest)))], month, "fake_activation", False
        month = next_month(month)


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _steps_of(
    rng: np.random.Generator, outlet: str, month: date, model: str, is_true: bool
) -> Iterator[tuple[Any, ...]]:
    """Opened when the month is over, then assigned, now and then appealed, decided and closed."""
    handler, days = HANDLERS[int(rng.integers(3))], np.cumsum(rng.integers(1, 9, size=5))
    appeals, draw = rng.random() < APPEAL_SHARE, rng.random()
    result = "confirmed" if is_true else "dismissed" if draw < 0.5 else "arbitrated"
    code = ARBITRAGE[int(rng.integers(5))] if result == "arbitrated" else None
    actions = ["opened", "assigned", *(["appealed"] if appeals else []), "decided", "closed"]
    for action, day in zip(actions, days, strict=False):
        at = (epoch_day(next_month(month)) + int(day)) * DAY + int(rng.integers(9 * 3600, 18 * 3600))
        is_decision = action == "decided"
        yield (
            outlet, f"{month:%Y%m}", model, action, result if is_decision else None, code if is_decision else None,
            handler, at,
        )  # fmt: skip


@lru_cache(maxsize=1)
def _task_steps(world: World) -> Daily:
    """Tasks about enquiries: assigned the day after, tried once, offered something or not, and closed; some wait."""
    settings, rng = world.settings, world.settings.rng("desk tasks")
    asked = enquirers(world).with_columns(user_id=world.lines["user_id"].gather(enquirers(world)["line"]))
    day = asked["at"].to_numpy() // DAY
    asked = asked.select("user_id", day=pl.Series(day)).unique().sort("day", "user_id")
    asked = asked.filter(pl.Series(rng.random(len(asked)) < WORKED_SHARE))
    size = len(asked)
    spoken, offered = rng.random(size) < SPOKEN_SHARE, rng.random(size) < OFFERED_SHARE
    result = np.where(
        ~spoken,
        "not_reached",
        np.where(~offered, "no_need", rng.choice(["accepted", "declined"], size, p=[0.35, 0.65])),
    )
    rows = asked.with_columns(
        task_day=pl.from_epoch(asked["day"], "d"),
        handler=pl.Series(CALLERS)[rng.integers(len(CALLERS), size=size)],
        offer=pl.Series(OFFERS)[rng.integers(len(OFFERS), size=size)],
        result=pl.Series(result),
        begins=(asked["day"] + 1) * DAY + pl.Series(rng.integers(8 * 3600, 12 * 3600, size=size)),
        waits=pl.Series(rng.integers(600, 2 * DAY, size=size)),
    )
    at = {
        "assigned": pl.col("begins"),
        "contacted": pl.col("begins") + pl.col("waits"),
        "offered": pl.col("begins") + pl.col("waits") + 300,
        "closed": pl.col("begins") + pl.col("waits") + 900,
    }
    steps = pl.concat(
        rows.filter(pl.Series(offered & spoken) if action == "offered" else pl.lit(True)).select(
            "user_id",
            "task_day",
            action=pl.lit(action),
            offer_id=pl.col("offer") if action == "offered" else pl.lit(None, dtype=pl.String),
            result=pl.col("result") if action == "closed" else pl.lit(None, dtype=pl.String),
            handler="handler",
            at=moment,
        )
        for action, moment in at.items()
    )
    first, last = epoch_day(settings.first_day) * DAY, (epoch_day(settings.end) + 1) * DAY
    steps = steps.filter(pl.col("at").is_between(first, last, closed="left")).sort("at", "user_id", "action")
    numbered = steps.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("event_no"), pl.all())
    return Daily.of(settings, numbered.with_columns(acted_at=frames.local(numbered["at"].to_numpy())))
