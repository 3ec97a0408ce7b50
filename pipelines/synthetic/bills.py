"""Postpaid money: the bills of a closed month, and the adjustments posted to them later.

A bill item is the month's exact rated charge of a line, rounded half up to the fen; fees are prorated by the days of
the month on which the line was postpaid. An account owes what its lines are billed: items less discount plus tax.
"""

from __future__ import annotations

from collections import deque
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.hours import office_times
from pipelines.synthetic.payers import DUE_DAYS, Payers
from pipelines.synthetic.rating import decimals, fen
from pipelines.synthetic.tally import Month
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World

TAX_PERCENT = 6
DISCOUNT_PERCENT = 10  # on the fee, for one line in seven
ADJUSTED_SHARES = (0.0004, 0.0001, 0.00006, 0.00003)  # of the lines of the last cycle, the one before, ..., per day
REASONS = pl.Series(["complaint", "wrong_tariff", "network_outage", "goodwill", "late_fee"])


ADJUSTED = {
    "acct_no": pl.String,
    "user_id": pl.String,
    "orig_cycle": pl.String,
    "amount_fen": pl.Int64,
    "reason": pl.String,
}


class Bills:
    """Issues the bills of each month to its payers, and corrects some of them later."""

    def __init__(self, world: World, usage: Usage) -> None:
        self.world = world
        self.usage = usage
        self.payers = Payers(world)
        self.adjusted_fen = 0
        self._issued: deque[tuple[str, pl.DataFrame]] = deque(maxlen=len(ADJUSTED_SHARES))

    def bill_item(self, day: date) -> pl.DataFrame:
        """The items of the month before `day`, a first of the month; from now on they are owed."""
        first = month_start(day, -1)
        cycle, due_on = f"{first:%Y%m}", day + timedelta(days=DUE_DAYS)
        lines, micro = self._owed(first, day, self.usage.last_month)
        bills = self.world.lines[lines].select("line", "acct_no", "user_id", "payer_risk")
        items = pl.concat(bills.with_columns(self._item(name, lines, charge)) for name, charge in micro.items())
        items = items.filter(pl.col("amount_fen") > 0)
        self._issue(day, items.with_columns(cycle=pl.lit(cycle)))
        return items.select(
            "acct_no",
            "user_id",
            pl.lit(cycle).alias("cycle"),
            "item_code",
            "amount_fen",
            "discount_fen",
            "tax_fen",
            pl.lit(day).alias("issued_on"),
            pl.lit(due_on).alias("due_on"),
        )

    def _item(self, name: str, lines: np.ndarray, micro: np.ndarray) -> list[pl.Series]:
        amount = fen(micro)
        is_discounted = (name == "fee") & (lines % 7 == 3)
        discount = np.where(is_discounted, (amount * DISCOUNT_PERCENT + 50) // 100, 0)
        tax = ((amount - discount) * TAX_PERCENT + 50) // 100
        amounts = {"amount_fen": amount, "discount_fen": discount, "tax_fen": tax}
        code = pl.repeat(name, len(lines), eager=True).alias("item_code")
        return [code, *(pl.Series(column, values) for column, values in amounts.items())]

    def _issue(self, day: date, items: pl.DataFrame) -> None:
        owed = (pl.col("amount_fen") - pl.col("discount_fen") + pl.col("tax_fen")).sum().alias("amount_fen")
        lines = items.group_by("user_id", "acct_no", "cycle", maintain_order=True).agg(owed)
        self._issued.append((f"{month_start(day, -1):%Y%m}", lines))
        accounts = items.group_by("acct_no", "cycle", maintain_order=True)
        self.payers.owe(day, accounts.agg(owed, pl.max("payer_risk")))

    def _owed(self, first: date, end: date, month: Month) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The lines that were postpaid in the month, and their micro-yuan for each item."""
        stays = postpaid_stays(self.world, first, end)
        lines = stays["line"].to_numpy()
        fee = self.usage.tariffs.fee[stays["plan"].to_numpy()] * stays["days"].to_numpy() // (end - first).days
        return lines, {"fee": fee} | {item: charge[lines] for item, charge in month.billable.items()}

    def adjustment(self, day: date) -> pl.DataFrame:
        """Corrections posted on a day, mostly credits, some to cycles long closed."""
        rng = self.world.settings.rng("adjustments", day)
        parts = []
        for age, (cycle, bills) in enumerate(reversed(self._issued)):
            count = rng.poisson(bills.height * ADJUSTED_SHARES[age])
            bill = bills[rng.integers(0, max(bills.height, 1), count)]
            share = np.where(rng.random(count) < 0.1, 0.05, -rng.uniform(0.05, 0.5, count))
            amount = np.rint(bill["amount_fen"].to_numpy() * share).astype(np.int64)
            reason = REASONS[rng.integers(0, len(REASONS), count)]
            parts.append(bill.with_columns(orig_cycle=pl.lit(cycle), amount_fen=pl.Series(amount), reason=reason))
        rows = pl.concat([pl.DataFrame(schema=ADJUSTED), *(part.select(*ADJUSTED) for part in parts)])
        rows = rows.filter(pl.col("amount_fen") != 0)
        amount = rows["amount_fen"].to_numpy()
        self.adjusted_fen += int(amount.sum())
        return rows.select(
            (int(f"{day:%Y%m%d}") * 10_000 + pl.int_range(1, pl.len() + 1, dtype=pl.Int64)).alias("adjustment_no"),
            "acct_no",
            "user_id",
            "orig_cycle",
            office_times(rng, day, rows.height).alias("posted_at"),
            decimals(amount, 2).alias("amount_amt"),
            "reason",
        )


def postpaid_stays(world: World, first: date, end: date) -> pl.DataFrame:
    """One row per line with a postpaid spell in [first, end): line, the last such plan, days from first to last.

    Suspended spells count: the fee is due as long as the contract lasts.
    """
    postpaid = world.plans.filter(pl.col("pay_type") == "postpaid")["plan"]
    begins = pl.max_horizontal(pl.col("from_at").dt.date(), pl.lit(first)).min()
    ends = pl.min_horizontal(
        (pl.col("to_at") - pl.duration(microseconds=1)).dt.date(), pl.lit(end - timedelta(days=1))
    ).max()
    return (
        world.spells.filter(
            pl.col("plan").is_in(postpaid.implode()), pl.col("from_at") < pl.lit(end), pl.col("to_at") > pl.lit(first)
        )
        .group_by("line", maintain_order=True)
        .agg(pl.col("plan").sort_by("from_at").last(), days=(ends - begins).dt.total_days() + 1)
        .sort("line")
    )
