"""Postpaid money: bills of a closed month, what accounts then pay and when, adjustments, and debts written off.

A bill item is the month's exact rated charge of a line, rounded half up to the fen; fees are prorated by the days of
the month on which the line was postpaid. An account pays what its lines owe: items less discount plus tax.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.rating import decimals, fen
from pipelines.synthetic.tally import Month
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World

TAX_PERCENT = 6
DUE_DAYS = 24
DISCOUNT_PERCENT = 10  # on the fee, for one line in seven
WRITE_OFF_MONTHS = 6
REVERSED_SHARE = 0.005
ADJUSTED_SHARE = 0.0006  # of the lines of a cycle, per day
ADJUSTED_CYCLES = 4  # how far back adjustments reach
METHODS = pl.Series(["auto_debit", "bank", "wechat", "alipay", "cash"])
CHANNELS = pl.Series(["system", "bank", "app", "app", "own_shop"])
REASONS = pl.Series(["complaint", "wrong_tariff", "network_outage", "goodwill", "late_fee"])
PAYMENT = {"acct_no": pl.String, "amount_fen": pl.Int64, "cycle": pl.String, "how": pl.Int64, "reversal_of": pl.String}


class Bills:
    """What postpaid accounts owe and will do about it, by day."""

    def __init__(self, world: World, usage: Usage) -> None:
        self.world = world
        self.usage = usage
        self.issued: deque[tuple[str, pl.DataFrame]] = deque(maxlen=ADJUSTED_CYCLES)
        self.adjusted_fen = 0
        self._payments: defaultdict[date, list[pl.DataFrame]] = defaultdict(list)
        self._debts: defaultdict[date, list[pl.DataFrame]] = defaultdict(list)

    def bill_item(self, day: date) -> pl.DataFrame:
        """The items of the month before `day`, a first of the month; from now on they are owed."""
        first = month_start(day, -1)
        lines, micro = self._owed(first, day, self.usage.last_month)
        bills = self.world.lines[lines].select("line", "acct_no", "user_id", "payer_risk")
        items = []
        for item, charge in micro.items():
            amount = fen(charge)
            discounted = (item == "fee") & (lines % 7 == 3)
            discount = np.where(discounted, (amount * DISCOUNT_PERCENT + 50) // 100, 0)
            tax = ((amount - discount) * TAX_PERCENT + 50) // 100
            part = bills.with_columns(
                item_code=pl.lit(item),
                amount_fen=pl.Series(amount),
                discount_fen=pl.Series(discount),
                tax_fen=pl.Series(tax),
            )
            items.append(part.filter(pl.col("amount_fen") > 0))
        owed = pl.concat(items).with_columns(
            cycle=pl.lit(f"{first:%Y%m}"), issued_on=pl.lit(day), due_on=pl.lit(day + timedelta(days=DUE_DAYS))
        )
        self._await_payment(day, owed)
        return owed.select(
            "acct_no", "user_id", "cycle", "item_code", "amount_fen", "discount_fen", "tax_fen", "issued_on", "due_on"
        )

    def _owed(self, first: date, end: date, month: Month) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The lines that were postpaid in the month, and their micro-yuan for each item."""
        stays = postpaid_stays(self.world, first, end)
        lines = stays["line"].to_numpy()
        fee = self.usage.tariffs.fee[stays["plan"].to_numpy()] * stays["days"].to_numpy() // (end - first).days
        return lines, {"fee": fee} | {item: charge[lines] for item, charge in month.billable.items()}

    def _await_payment(self, day: date, owed: pl.DataFrame) -> None:
        """Decide for each account whether and when it pays the new bill."""
        total = pl.col("amount_fen") - pl.col("discount_fen") + pl.col("tax_fen")
        self.issued.append(
            (
                owed["cycle"].first() or "",
                owed.group_by("line", "acct_no", "user_id", maintain_order=True).agg(total.sum().alias("amount_fen")),
            )
        )
        accounts = owed.group_by("acct_no", maintain_order=True).agg(
            total.sum().alias("amount_fen"), pl.first("cycle"), pl.max("payer_risk")
        )
        rng = self.world.settings.rng("payment behaviour", day)
        luck = rng.random(accounts.height)
        risk = accounts["payer_risk"].to_numpy()
        is_never, is_late = luck < 0.12 * risk, luck < 0.12 * risk + 0.5 * risk
        is_debited = luck > 0.6
        wait = np.where(is_debited, rng.integers(1, 6, len(luck)), rng.integers(0, DUE_DAYS + 1, len(luck)))
        wait = np.where(is_late, DUE_DAYS + 1 + np.minimum(rng.exponential(18, len(luck)), 150), wait).astype(np.int64)
        how = np.where(is_debited & ~is_late, 0, rng.integers(1, len(METHODS), len(luck)))
        bills = accounts.with_columns(how=pl.Series(how), wait=pl.Series(wait), is_never=pl.Series(is_never))
        debts = bills.filter("is_never").select("acct_no", "cycle", "amount_fen")
        self._debts[month_start(day, WRITE_OFF_MONTHS)].append(debts)
        paying = bills.filter(~pl.col("is_never"), pl.col("amount_fen") > 0)
        self._plan(day, paying["wait"], paying.with_columns(reversal_of=pl.lit(None, pl.String)).select(*PAYMENT))

    def _plan(self, day: date, wait: pl.Series, payments: pl.DataFrame) -> None:
        for (days,), part in payments.with_columns(wait=wait).partition_by("wait", as_dict=True).items():
            self._payments[day + timedelta(days=int(days))].append(part.drop("wait"))

    def payment(self, day: date) -> pl.DataFrame:
        """The payments of a day; a few bounce days later and are made again."""
        due = pl.concat([pl.DataFrame(schema=PAYMENT), *self._payments.pop(day, [])])
        rng = self.world.settings.rng("payments", day)
        paid = due.with_columns(
            payment_no=numbered(f"P{day:%Y%m%d}", due.height), paid_at=office_times(rng, day, due.height)
        )
        bounced = paid.filter(pl.Series(rng.random(paid.height) < REVERSED_SHARE) & (paid["amount_fen"] > 0))
        after = pl.Series(rng.integers(1, 6, bounced.height))
        reversal = bounced.with_columns(amount_fen=-pl.col("amount_fen"), reversal_of=pl.col("payment_no")).select(
            *PAYMENT
        )
        self._plan(day, after, reversal)
        self._plan(day, after + pl.Series(rng.integers(1, 9, bounced.height)), bounced.select(*PAYMENT))
        return paid.select(
            "payment_no",
            "acct_no",
            "paid_at",
            METHODS[paid["how"]].alias("method"),
            CHANNELS[paid["how"]].alias("channel"),
            decimals(paid["amount_fen"].to_numpy(), 2).alias("amount"),
            "cycle",
            "reversal_of",
        )

    def adjustment(self, day: date) -> pl.DataFrame:
        """Corrections posted on a day, mostly credits, some to cycles long closed."""
        rng = self.world.settings.rng("adjustments", day)
        parts = []
        for age, (cycle, bills) in enumerate(reversed(self.issued)):
            count = rng.poisson(bills.height * ADJUSTED_SHARE * (0.7, 0.15, 0.1, 0.05)[age])
            bill = bills[rng.integers(0, max(bills.height, 1), count)]
            share = np.where(rng.random(count) < 0.1, 0.05, -rng.uniform(0.05, 0.5, count))
            amount = np.rint(bill["amount_fen"].to_numpy() * share).astype(np.int64)
            reason = REASONS[rng.integers(0, len(REASONS), count)]
            parts.append(bill.with_columns(orig_cycle=pl.lit(cycle), amount_fen=pl.Series(amount), reason=reason))
        schema = {
            "acct_no": pl.String,
            "user_id": pl.String,
            "orig_cycle": pl.String,
            "amount_fen": pl.Int64,
            "reason": pl.String,
        }
        rows = pl.concat([pl.DataFrame(schema=schema), *(part.select(*schema) for part in parts)])
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

    def bad_debt(self, day: date) -> pl.DataFrame:
        """Bills of half a year ago that nobody paid, written off on the first of a month."""
        empty = pl.DataFrame(schema={"acct_no": pl.String, "cycle": pl.String, "amount_fen": pl.Int64})
        debts = pl.concat([empty, *self._debts.pop(day, [])])
        return debts.select(
            "acct_no",
            "cycle",
            decimals(debts["amount_fen"].to_numpy(), 2).alias("amount_amt"),
            pl.lit(day).alias("written_off_on"),
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


def numbered(prefix: str, count: int) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.int_range(1, count + 1, eager=False).cast(pl.String).str.zfill(8)).to_series()


def office_times(rng: np.random.Generator, day: date, count: int) -> pl.Series:
    """Random times of a day between 8:00 and 22:00."""
    seconds = (day - date(1970, 1, 1)).days * 86_400 + rng.integers(8 * 3600, 22 * 3600, count)
    return pl.Series(seconds * 1_000_000).cast(pl.Datetime("us"))
