"""S10 care: complaint tickets with their stages, told whole on each change, and the call centre's half hours."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache, partial

import numpy as np
import polars as pl

from pipelines.synthetic import frames
from pipelines.synthetic.asof import msisdn_at
from pipelines.synthetic.clock import DAY
from pipelines.synthetic.complaints import TYPES
from pipelines.synthetic.daily import Daily, Told
from pipelines.synthetic.identifiers import numbered
from pipelines.synthetic.seasons import rhythm
from pipelines.synthetic.world import World

STAGES = ("received", "assigned", "handled", "escalated", "closed", "reopened", "closed")
CLOSED, REOPENED, CLOSED_AGAIN = 4, 5, 6
REASON_GROUPS = ("coverage", "bill", "attitude", "tariff", "porting", "vas")
SERVICE_ORDER = 5  # the kind of complaint about a value-added service that nobody ordered
TICKET_TYPES = (*TYPES, "product")
SERVICE_TICKETS = 500_000_000  # complaints that the team for value-added services takes are numbered from here on
CHANNELS = ("hotline", "app", "shop", "wechat")
QUEUES = ("general", "billing", "technical")
INTERVALS = 48
# Share of a day's calls by hour, from midnight.
HOURS = np.array([3, 2, 1, 1, 1, 2, 5, 15, 40, 60, 64, 55, 40, 42, 50, 52, 50, 46, 42, 40, 36, 26, 14, 7], dtype=float)


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return {"ticket": _tickets(world).on(day), "call_interval": _call_interval(world, day)}


@lru_cache(maxsize=1)
def _cases(world: World) -> pl.DataFrame:
    """One row per ticket: what does not change, and the time of each stage (null if it never comes)."""
    unwanted = world.orders.filter(pl.col("complained_at") > 0).select(
        "line", opened_at="complained_at", type=pl.lit(SERVICE_ORDER, pl.Int8), is_resolved="is_refunded"
    )
    usual = _staged(world.settings.rng("tickets"), world.tickets.sort("opened_at", "line"))
    about_services = _staged(world.settings.rng("tickets about services"), unwanted.sort("opened_at", "line"))
    numbers = (pl.int_range(pl.len()), SERVICE_TICKETS + pl.int_range(pl.len()))
    both = [cases.with_columns(number=of) for cases, of in zip((usual, about_services), numbers, strict=True)]
    return pl.concat(both, how="vertical_relaxed").with_columns(ticket=pl.int_range(pl.len()))


def _staged(rng: np.random.Generator, tickets: pl.DataFrame) -> pl.DataFrame:
    """What becomes of tickets."""
    size = len(tickets)
    opened, resolved = tickets["opened_at"].to_numpy(), tickets["is_resolved"].to_numpy()
    assigned = opened + rng.integers(600, 14_400, size=size)
    handled = assigned + rng.exponential(20 * 3600, size=size).astype(np.int64) + 300
    escalates = rng.random(size) < np.where(resolved, 0.1, 0.4)
    escalated = handled + rng.integers(3600, 2 * DAY, size=size)
    closed = np.where(escalates, escalated, handled) + rng.integers(1800, 3 * DAY, size=size)
    closes = resolved | (rng.random(size) < 0.8)
    reopens = closes & (rng.random(size) < np.where(resolved, 0.03, 0.2))
    reopened = closed + rng.integers(3600, 5 * DAY, size=size)
    again = reopened + rng.integers(3600, 4 * DAY, size=size)
    steps = (opened, assigned, handled, escalated, closed, reopened, again)
    happens = (True, True, True, escalates, closes, reopens, reopens)
    score = rng.integers(1, 6, size=size)
    return tickets.with_columns(
        pl.Series(f"stage_{k}", at).set(~pl.Series(np.broadcast_to(on, size)), None)
        for k, (at, on) in enumerate(zip(steps, happens, strict=True))
    ).with_columns(
        channel=pl.Series(rng.integers(0, len(CHANNELS), size=size)),
        priority=pl.Series(rng.choice(3, size=size, p=[0.2, 0.6, 0.2])),
        agent=pl.Series(rng.integers(100, 180, size=size)),
        satisfaction=pl.Series(np.maximum(1, score - 2 * ~resolved)).set(pl.Series(rng.random(size) < 0.65), None),
        is_linked=pl.Series(rng.random(size) < 0.85),
        has_number=pl.Series(rng.random(size) < 0.97),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _tickets(world: World) -> Told:
    """One row per ticket and day on which something happened to it."""
    names = [f"stage_{k}" for k in range(len(STAGES))]
    steps = _cases(world).unpivot(names, index="ticket", value_name="at").drop_nulls("at")
    touched = Daily.latest(world.settings, steps.select("ticket", "at"), "ticket")
    due = touched.frame.with_columns(due=pl.Series(touched.due))
    return Told(Daily(due, touched.due), partial(_ticket, world))


def _ticket(world: World, touched: pl.DataFrame) -> pl.DataFrame:
    """The tickets touched on a day, as of its end."""
    now = frames.local((touched["due"].cast(pl.Int64) + 1) * DAY - 1)
    rows = _cases(world)[touched["ticket"].to_numpy()].with_columns(updated=touched["at"])
    stage_at = [frames.local(rows[f"stage_{k}"]) for k in range(len(STAGES))]
    known = [pl.when(at <= now).then(at) for at in stage_at]
    agent = pl.format("A{}", pl.Series(rows["agent"]))
    stages = pl.concat_list(
        *(pl.struct(stage=pl.lit(name), at=at, agent=agent) for name, at in zip(STAGES, known, strict=True))
    ).list.filter(pl.element().struct.field("at").is_not_null())
    is_reopened = known[REOPENED].is_not_null()
    closed = pl.when(is_reopened).then(known[CLOSED_AGAIN]).otherwise(known[CLOSED])
    is_closed, kind = closed.is_not_null(), rows["type"].to_numpy()
    return rows.select(
        ticket_no=numbered("T", rows["number"], 9),
        msisdn=pl.when(rows["has_number"]).then(msisdn_at(world, rows["line"], rows["opened_at"])),
        user_id=pl.when(rows["is_linked"]).then(world.lines["user_id"].gather(rows["line"])),
        type=pl.Series(TICKET_TYPES)[kind],
        reason_group=pl.Series(REASON_GROUPS)[kind],
        channel=pl.Series(CHANNELS)[rows["channel"].to_numpy()],
        priority=pl.Series(("high", "normal", "low"))[rows["priority"].to_numpy()],
        owner=pl.Series(("network", "billing", "care", "product", "care", "product"))[kind],
        opened_at=stage_at[0],
        updated_at=frames.local(rows["updated"]),
        closed_at=closed,
        result=pl.when(is_closed & rows["is_resolved"])
        .then(pl.lit("resolved"))
        .when(is_closed)
        .then(pl.lit("unresolved")),
        satisfaction=pl.when(is_closed).then(rows["satisfaction"]).cast(pl.Int32),
        is_reopened=is_reopened,
        stages=stages,
    )


def _call_interval(world: World, day: date) -> pl.DataFrame:
    """One row per half hour and queue."""
    rng = world.settings.rng("call centre", day)
    share = np.repeat(HOURS / HOURS.sum(), 2) / 2
    load = world.settings.subscribers * 0.012 * rhythm(day).voice
    mean = share[:, None] * load * np.array([0.55, 0.28, 0.17])
    offered = rng.poisson(mean)
    agents = np.ceil(mean / 4 + 1).astype(np.int32)
    # Callers give up when the half hour brings more than the agents can take.
    abandoned = rng.binomial(offered, np.clip(0.02 + 0.08 * np.maximum(offered / (agents * 5) - 0.8, 0), 0, 0.6))
    answered = offered - abandoned
    fast = rng.binomial(answered, np.clip(0.93 - 2 * (abandoned / np.maximum(offered, 1)), 0.2, 0.97))
    start = [datetime.combine(day, time(k // 2, k % 2 * 30)) for k in range(INTERVALS)]
    queues = len(QUEUES)
    return pl.DataFrame(
        {
            "interval_start": np.repeat(np.array(start, dtype="datetime64[us]"), queues),
            "queue": np.tile(QUEUES, INTERVALS),
            "offered": offered.ravel().astype(np.int32),
            "answered": answered.ravel().astype(np.int32),
            "answered_20s": fast.ravel().astype(np.int32),
            "abandoned": abandoned.ravel().astype(np.int32),
            "wait_s": (fast * 8 + (answered - fast) * 55 + abandoned * 40).ravel().astype(np.int64),
            "handle_s": (answered * rng.normal(190, 20, size=answered.shape)).clip(0).ravel().astype(np.int64),
            "agents": agents.ravel(),
        }
    )
