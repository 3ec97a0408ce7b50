"""Postpaid money: the bills of a closed month, and the adjustments posted to them later.

A bill is the exact rating of the usage, so whoever rates the records again gets the same fen, but for the errors of
`misbilling`:

- Usage counts on the day on which it starts, for the line that uses the number then. All usage of a day is on one plan
  state: that of the line's longest active stretch of the day (`World.on`), on the day of a plan change the one that
  held for longer. The day's plan also says whether the day's usage is billed (postpaid) or taken from a balance.
- Rated is record by record in order of time, voice, messages and data each with an allowance of its own: the rules and
  their rounding stand in `rating`. What a line has used of an allowance runs from the first of the calendar month on
  and is kept when the plan changes; it is compared with the allowance of the day's plan. A history that starts within
  a month starts with nothing used. Suspended lines use nothing.
- An item voice, sms or data is the sum of the month's charges at home (home and national roaming), roaming that of all
  charges abroad; each is rounded half up to the fen once. An item of zero is no item.
- The item vas is the sum of the monthly fees of the services held in the month: see `services`.
- The fee is that of the line's last postpaid plan of the month times the days from its first to its last postpaid day,
  both included and suspended ones too, divided by the days of the month: floored to the micro-yuan, then half up to the
  fen. The silent price rise moves the fee from its day on without a new version.
- Discount is a tenth of the fee, half up, for one line in seven; tax is 6 % of amount less discount, half up, per item.

An account owes what its lines are billed: items less discount plus tax.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic import misbilling, services
from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.clock import DAY, epoch_day
from pipelines.synthetic.hours import office_times
from pipelines.synthetic.payers import DUE_DAYS, Payers
from pipelines.synthetic.rating import MICRO_PER_FEN, decimals, fen
from pipelines.synthetic.tally import Month
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World

TAX_PERCENT = 6
DISCOUNT_PERCENT = 10  # on the fee, for one line in seven
ADJUSTED_SHARES = (0.0004, 0.0001, 0.00006, 0.00003)  # of the lines of the last cycle, the one before, ..., per day
REASONS = pl.Series(["complaint", "wrong_tariff", "network_outage", "goodwill", "late_fee"])
REFUND = "vas_refund"


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
        self.errors = [pl.DataFrame(schema=misbilling.TRUTH)]
        held = services.with_line(world.settings, world.lines)
        self._services = pl.concat([held, world.orders.select(held.columns)], how="vertical_relaxed")
        self._refunds: defaultdict[date, list[pl.DataFrame]] = defaultdict(list)
        self._issued: deque[tuple[str, pl.DataFrame]] = deque(maxlen=len(ADJUSTED_SHARES))

    def bill_item(self, day: date) -> pl.DataFrame:
        """The items of the month before `day`, a first of the month; from now on they are owed."""
        first = month_start(day, -1)
        cycle, due_on = f"{first:%Y%m}", day + timedelta(days=DUE_DAYS)
        lines, micro = self._owed(first, day, self.usage.last_month)
        bills = self.world.lines[lines].select("line", "acct_no", "user_id", "payer_risk")
        items = pl.concat(bills.with_columns(self._item(name, lines, charge)) for name, charge in micro.items())
        items = self._misbilled(day, items.filter(pl.col("amount_fen") > 0).with_columns(cycle=pl.lit(cycle)))
        self._issue(day, items)
        self._plan_refunds(first, day, items.filter(item_code="vas"))
        return items.select(
            "acct_no",
            "user_id",
            "cycle",
            "item_code",
            "amount_fen",
            "discount_fen",
            "tax_fen",
            pl.lit(day).alias("issued_on"),
            pl.lit(due_on).alias("due_on"),
        )

    def _plan_refunds(self, first: date, day: date, items: pl.DataFrame) -> None:
        """Services that nobody ordered are given back, with tax, days after the bill that has them."""
        begins, ends = epoch_day(first) * DAY, epoch_day(day) * DAY
        wrong = self.world.orders.filter("is_refunded", pl.col("at") < ends, pl.col("until") > begins)
        fee = services.FEES_FEN[wrong["service"].to_numpy()]
        granted = wrong["complained_at"].to_numpy() // DAY + 2 + wrong["line"].to_numpy() % 4
        posted_on = np.maximum(granted, epoch_day(day) + 1 + wrong["line"].to_numpy() % 4)
        rows = wrong.select(
            "line",
            amount_fen=pl.Series(-(fee + (fee * TAX_PERCENT + 50) // 100)),
            posted_on=pl.Series(posted_on, dtype=pl.Int32).cast(pl.Date),
            reason=pl.lit(REFUND),
        )
        rows = rows.join(items, on="line", how="inner", maintain_order="left", suffix="_item")
        rows = rows.rename({"cycle": "orig_cycle"})
        for (posted,), part in rows.partition_by("posted_on", as_dict=True, maintain_order=True).items():
            self._refunds[posted].append(part.select(*ADJUSTED))

    def _misbilled(self, day: date, items: pl.DataFrame) -> pl.DataFrame:
        """The items as they are billed; what is wrong with them is kept."""
        kind, billed = misbilling.erring(self.world.settings, day, items)
        rated = items["amount_fen"]
        wrong = items.with_columns(
            kind=kind,
            issued_on=pl.lit(day),
            rated_amt=decimals(rated.to_numpy(), 2),
            billed_amt=decimals(billed.to_numpy(), 2),
        )
        self.errors.append(wrong.filter(pl.col("kind").is_not_null()).select(*misbilling.TRUTH))
        items = items.with_columns(amount_fen=billed, tax_fen=self._tax(billed - items["discount_fen"]))
        return items.filter(pl.col("amount_fen") > 0)

    @staticmethod
    def _tax(net: pl.Series) -> pl.Series:
        return (net * TAX_PERCENT + 50) // 100

    def _item(self, name: str, lines: np.ndarray, micro: np.ndarray) -> list[pl.Series]:
        amount = fen(micro)
        is_discounted = (name == "fee") & (lines % 7 == 3)
        discount = np.where(is_discounted, (amount * DISCOUNT_PERCENT + 50) // 100, 0)
        tax = self._tax(pl.Series(amount - discount))
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
        seconds = epoch_day(first) * DAY, epoch_day(end) * DAY
        vas = services.monthly_fees(self._services, self.world.lines.height, *seconds)[lines] * MICRO_PER_FEN
        usage = {item: charge[lines] for item, charge in month.billable.items()}
        return lines, {"fee": fee} | usage | {"vas": vas}

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
        parts += self._refunds.pop(day, [])
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
