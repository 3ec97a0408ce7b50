"""S2 provisioning: subscriptions as they stand after each changed day, their life-cycle events, and offers taken."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache, partial

import numpy as np
import polars as pl

from pipelines.synthetic import frames, identifiers, services
from pipelines.synthetic.changes import STATUSES, UNSEEN, Kind
from pipelines.synthetic.clock import DAY
from pipelines.synthetic.daily import Daily, Told
from pipelines.synthetic.life import REASONS
from pipelines.synthetic.world import World

EVENT_TYPES = [kind.name.lower() for kind in Kind]
NO_END = datetime(2030, 12, 31)  # how some order screens write "open"
PLAN, CONTRACT, BUNDLE, VAS = range(4)


def tables(world: World, day: date) -> dict[str, pl.DataFrame]:
    return {
        "subscription": _subscriptions(world).on(day),
        "status_history": _events(world).on(day),
        "offer_instance": _offers(world).on(day),
    }


@lru_cache(maxsize=1)
def _events(world: World) -> Told:
    seen = world.changes.filter(~pl.col("kind").is_in(UNSEEN)).sort("at", maintain_order=True)
    rows = Daily.of(world.settings, seen.with_row_index("event_no", offset=1))
    return Told(rows, partial(_status_history, world))


@lru_cache(maxsize=1)
def _subscriptions(world: World) -> Told:
    told = world.changes.filter(~pl.col("kind").is_in([Kind.DEVICE_CHANGE, Kind.PRICE_CHANGE]))
    return Told(Daily.latest(world.settings, told, "line"), partial(_subscription, world))


def _subscription(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    line, plan = world.lines[rows["line"].to_numpy()], world.plans[rows["plan"].to_numpy()]
    status = _status(rows)
    return line.select("user_id").with_columns(
        cust_no=frames.cust_no(rows["customer"]),
        acct_no=line["acct_no"],
        **_cards(rows),
        brand=plan["brand"],
        pay_type=plan["pay_type"],
        plan_id=plan["plan_id"],
        outlet_id=line["outlet_id"],
        line_type=line["line_type"],
        is_test=line["is_test"].cast(pl.Int8),
        activated_at=pl.when(status != "pre_open").then(line["activated_at"]),
        contract_end_on=_contract_end(rows),
        status=status,
        updated_at=frames.local(rows["at"]),
    )


def _status_history(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    line, plan = world.lines[rows["line"].to_numpy()], world.plans[rows["plan"].to_numpy()]
    reason = pl.Series([*REASONS, None])[rows["value"].clip(0, len(REASONS) - 1).to_numpy()]
    return pl.DataFrame(
        {
            "event_no": rows["event_no"].cast(pl.Int64),
            "user_id": line["user_id"],
            "event_type": pl.Series(EVENT_TYPES, dtype=pl.Utf8)[rows["kind"].to_numpy()],
            "event_at": frames.local(rows["at"]),
            "reason": pl.select(pl.when(rows["kind"] == Kind.TERMINATE).then(reason)).to_series(),
            "outlet_id": line["outlet_id"],
            "cust_no": frames.cust_no(rows["customer"]),
            "acct_no": line["acct_no"],
            **_cards(rows),
            "plan_id": plan["plan_id"],
            "pay_type": plan["pay_type"],
        }
    )


def _cards(rows: pl.DataFrame) -> dict[str, pl.Series]:
    sim = rows["sim"].to_numpy()
    return {
        "msisdn": identifiers.text(rows["number"].to_numpy()),
        "imsi": identifiers.text(identifiers.imsi(sim)),
        "iccid": identifiers.iccid(sim),
    }


def _status(rows: pl.DataFrame) -> pl.Series:
    return pl.Series(STATUSES)[rows["status"].to_numpy()]


def _contract_end(rows: pl.DataFrame) -> pl.Series:
    end = rows["contract_end"].cast(pl.Int32)
    return pl.select(pl.when(end > 0).then(end).cast(pl.Date)).to_series()


@lru_cache(maxsize=1)
def _offers(world: World) -> Told:
    """Rows as delivered: an open offer is told when it begins and again when it ends, a dated one only once."""
    begun = pl.concat([_plan_offers(world), _contract_offers(world), _bundles(world), _extras(world)]).sort(
        "at", "line"
    )
    begun = begun.with_row_index("offer_instance_no", offset=1)
    begun = pl.concat([begun, _orders(world).select(begun.columns)]).with_columns(valid_from=pl.col("at"))
    opened = begun.with_columns(until=pl.when(~pl.col("is_open")).then("until"))
    ended = begun.filter("is_open", pl.col("until").is_not_null()).with_columns(at=pl.col("until"))
    rows = Daily.latest(world.settings, pl.concat([opened, ended]), "offer_instance_no")
    return Told(rows, partial(_offer_instance, world))


def _plan_offers(world: World) -> pl.DataFrame:
    """One row per stretch on a plan: until the next plan, or the end of the line."""
    kinds = [Kind.ACTIVATE, Kind.REACTIVATE, Kind.PLAN_CHANGE, Kind.TERMINATE]
    turns = world.changes.filter(pl.col("kind").is_in(kinds)).with_columns(until=pl.col("at").shift(-1).over("line"))
    begins = turns.filter(
        pl.col("kind") != Kind.TERMINATE, pl.col("until").is_null() | (pl.col("until") > pl.col("at"))
    )
    return _taken(begins, PLAN, "plan", is_open=True)


def _contract_offers(world: World) -> pl.DataFrame:
    signed = pl.col("kind").is_in([Kind.ACTIVATE, Kind.CONTRACT]) & (pl.col("contract_end") > 0)
    rows = world.changes.filter(signed).with_columns(until=pl.col("contract_end").cast(pl.Int64) * DAY)
    return _taken(rows, CONTRACT, "plan", is_open=False)


def _bundles(world: World) -> pl.DataFrame:
    """Upselling campaigns sell a data bundle for thirty days."""
    sold = world.targets.filter("is_accepted", pl.col("kind") == 1)
    rows = sold.with_columns(at=pl.col("responded_at"), until=pl.col("responded_at") + 30 * DAY, offer=pl.lit(0))
    return _taken(rows, BUNDLE, "offer", is_open=False)


def _extras(world: World) -> pl.DataFrame:
    """Value-added services sold with a new line."""
    rows = services.with_line(world.settings, world.lines)
    return _taken(rows, VAS, "service", is_open=True)


def _orders(world: World) -> pl.DataFrame:
    """Value-added services ordered through their providers, who have order numbers of their own."""
    return _taken(world.orders, VAS, "service", is_open=True).with_columns(offer_instance_no=world.orders["number"])


def _taken(rows: pl.DataFrame, kind: int, offer: str, *, is_open: bool) -> pl.DataFrame:
    columns = {"line": pl.Int32, "at": pl.Int64, "until": pl.Int64}
    return rows.select(
        *(pl.col(name).cast(dtype) for name, dtype in columns.items()),
        kind=pl.lit(kind, dtype=pl.Int8),
        offer=pl.col(offer).cast(pl.Int64),
        is_open=pl.lit(is_open),
    )


def _offer_instance(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    plan_id, kind = pl.Series(world.plans["plan_id"]), rows["kind"]
    plan = plan_id[np.where(kind.is_in([PLAN, CONTRACT]), rows["offer"], 0)]
    extra = services.IDS[np.where(kind == VAS, rows["offer"], 0)]
    convergent = world.plans["is_convergent"][np.where(kind == PLAN, rows["offer"], 0)]
    number = rows["offer_instance_no"].cast(pl.Int64)
    valid_to = frames.local(rows["until"])
    return rows.select(
        offer_instance_no=number,
        user_id=world.lines["user_id"].gather(rows["line"]),
        offer_id=pl.when(kind == PLAN).then(plan).when(kind == CONTRACT).then(pl.lit("CON-") + plan)
        .when(kind == BUNDLE).then(pl.lit("BUN-DATA10G")).otherwise(extra),
        offer_type=pl.when(kind == CONTRACT).then(pl.lit("contract")).when(kind == BUNDLE).then(pl.lit("bundle"))
        .when(kind == VAS).then(pl.lit("vas")).when(convergent).then(pl.lit("convergent")).otherwise(pl.lit("plan")),
        valid_from=frames.local(rows["valid_from"]),
        valid_to=pl.when(valid_to.is_null() & (number % 3 == 0)).then(NO_END).otherwise(valid_to),
        order_no=identifiers.numbered("D", number, 11),
        updated_at=frames.local(rows["at"]),
    )  # fmt: skip
