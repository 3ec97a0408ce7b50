"""The operator's own books, by month: revenue by account, service costs, subsidies, and settlement with others.

Revenue is what was billed to postpaid lines plus what was taken from prepaid ones (rated charges to the micro-yuan and
fees), rounded to the fen once per account, so it can be compared with the bills and the rated records exactly.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.changes import Kind
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.numbers import FIXED, OPERATORS, TELECOM, UNICOM
from pipelines.synthetic.rating import decimals, fen
from pipelines.synthetic.tally import Month
from pipelines.synthetic.world import World

ACCOUNTS = {
    "fee": "600101",
    "voice": "600102",
    "sms": "600103",
    "data": "600104",
    "roaming": "600106",
    "discount": "600190",
    "adjustment": "600191",
    "interconnect": "600201",
}
CALL_PRICE_FEN, MESSAGE_PRICE_FEN = 6, 1  # per minute and message, in either direction
MINUTE_COST_FEN, MESSAGE_COST_FEN, GIGABYTE_COST_FEN = 2.1, 0.4, 92.0
SUBSIDY_SHARE = 0.15  # of the fees that a contract binds to


def interconnect(day: date, month: Month) -> pl.DataFrame:
    """Traffic with each operator in the month before `day`; messages have no minutes."""
    rows = [
        (f"{month_start(day, -1):%Y%m}", OPERATORS[operator], direction, service, *month.exchanged[kind, way, operator])
        for operator in (UNICOM, TELECOM, FIXED)
        for way, direction in enumerate(("in", "out"))
        for kind, service in enumerate(("voice", "sms"))
    ]
    names = ["month", "operator", "direction", "service", "events", "seconds"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    seconds, is_voice = frame["seconds"].to_numpy(), (frame["service"] == "voice").to_numpy()
    amount = np.where(is_voice, seconds * CALL_PRICE_FEN // 60, frame["events"].to_numpy() * MESSAGE_PRICE_FEN)
    return frame.select(
        *names[:4],
        decimals(np.where(is_voice, (seconds * 100 + 30) // 60, 0), 2).alias("minutes"),
        decimals(amount, 2).alias("amount_amt"),
        pl.lit(day).alias("settled_on"),
    )


def ledger_revenue(
    day: date,
    month: Month,
    bills: pl.DataFrame,
    *,
    prepaid_fees_fen: int,
    adjusted_fen: int,
    settled: pl.DataFrame,
) -> pl.DataFrame:
    billed = dict(bills.group_by("item_code").agg(pl.sum("amount_fen")).iter_rows())
    taken = dict(zip(month.prepaid, fen(np.array(list(month.prepaid.values()))).tolist(), strict=True))
    amounts = {item: billed.get(item, 0) + prepaid for item, prepaid in taken.items()}
    amounts["fee"] = billed.get("fee", 0) + prepaid_fees_fen
    amounts["discount"] = -int(bills["discount_fen"].sum())
    amounts["adjustment"] = adjusted_fen
    incoming = settled.filter(direction="in")["amount_amt"].sum()
    amounts["interconnect"] = int(incoming * 100)
    return pl.DataFrame(
        {
            "month": [f"{month_start(day, -1):%Y%m}"] * len(ACCOUNTS),
            "account_code": list(ACCOUNTS.values()),
            "amount_amt": decimals(np.array([amounts[item] for item in ACCOUNTS]), 2),
            "posted_on": [day] * len(ACCOUNTS),
        }
    )


def service_cost(day: date, month: Month) -> pl.DataFrame:
    """What carrying the month's traffic cost."""
    costs = {
        "voice": month.call_seconds / 60 * MINUTE_COST_FEN,
        "sms": month.messages * MESSAGE_COST_FEN,
        "data": month.data_bytes / 2**30 * GIGABYTE_COST_FEN,
    }
    return pl.DataFrame(
        {
            "month": [f"{month_start(day, -1):%Y%m}"] * len(costs),
            "service": list(costs),
            "cost_amt": decimals(np.array([round(cost) for cost in costs.values()]), 2),
            "posted_on": [day] * len(costs),
        }
    )


def subsidy(world: World, day: date) -> pl.DataFrame:
    """Handset subsidies of the contracts signed in the month before `day`, by the plan they bind to."""
    first = month_start(day, -1)
    signed = world.changes.filter(
        pl.col("kind") == Kind.CONTRACT,
        pl.col("at").is_between(epoch_day(first) * DAY, epoch_day(day) * DAY, closed="left"),
    )
    plans = world.plans.select("plan_id", "monthly_fee", "contract_months", pl.col("plan").cast(signed.schema["plan"]))
    by_plan = (
        signed.join(plans.drop_nulls("contract_months"), on="plan")
        .group_by("plan_id")
        .agg((pl.col("monthly_fee") * pl.col("contract_months")).sum().cast(pl.Float64).alias("bound"))
        .sort("plan_id")
    )
    return by_plan.select(
        pl.lit(f"{first:%Y%m}").alias("month"),
        "plan_id",
        decimals((by_plan["bound"] * 100 * SUBSIDY_SHARE).round().cast(pl.Int64).to_numpy(), 2).alias("subsidy_amt"),
        pl.lit(day).alias("posted_on"),
    )
