"""The operator's own books, by month: revenue by account, service costs, subsidies, and settlement with others.

Revenue is what was billed to postpaid lines plus what was taken from prepaid ones (rated charges to the micro-yuan and
fees), rounded to the fen once per account, so it can be compared with the bills and the rated records exactly.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.numbers import FIXED, OPERATORS, TELECOM, UNICOM
from pipelines.synthetic.rating import decimals, fen
from pipelines.synthetic.systems import device
from pipelines.synthetic.tally import Month
from pipelines.synthetic.world import World

ACCOUNTS = {
    "fee": "600101",
    "voice": "600102",
    "sms": "600103",
    "data": "600104",
    "vas": "600105",
    "roaming": "600106",
    "discount": "600190",
    "adjustment": "600191",
    "interconnect": "600201",
}
CALL_PRICE_FEN, MESSAGE_PRICE_FEN = 6, 1  # per minute and message, in either direction
MINUTE_COST_FEN, MESSAGE_COST_FEN, GIGABYTE_COST_FEN = 2.1, 0.4, 92.0


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
    amounts["vas"] = billed.get("vas", 0)
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
    """Handset subsidies granted in the month before `day`, by the plan on which the buyer's line ended it."""
    first = max(month_start(day, -1), world.settings.first_day)
    days = (first + timedelta(days=number) for number in range((day - first).days))
    sales = pl.concat(device.tables(world, sold_on)["handset_sale"] for sold_on in days)
    spells = world.spells.filter(pl.col("from_at") < pl.lit(day)).unique("line", keep="last", maintain_order=True)
    plans = spells.join(world.lines.select("line", "user_id"), on="line").select("user_id", "plan_id")
    granted = sales.join(plans, on="user_id").group_by("plan_id").agg(pl.sum("subsidy_amt")).sort("plan_id")
    return granted.filter(pl.col("subsidy_amt") > 0).select(
        pl.lit(f"{first:%Y%m}").alias("month"),
        "plan_id",
        pl.col("subsidy_amt").cast(pl.Decimal(18, 2)),
        pl.lit(day).alias("posted_on"),
    )
