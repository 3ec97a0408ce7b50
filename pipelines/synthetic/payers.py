"""How postpaid accounts settle their bills: in time, late, after a suspension, in a second attempt, or never."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.catalogue import month_start
from pipelines.synthetic.changes import Kind
from pipelines.synthetic.clock import epoch_day
from pipelines.synthetic.hours import office_times
from pipelines.synthetic.rating import decimals
from pipelines.synthetic.world import World

DUE_DAYS = 24
WRITE_OFF_MONTHS = 6
SUSPENDED_WITHIN = 31  # days after the due date in which an unpaid bill leads to suspension
LATE_PER_RISK, NEVER_PER_RISK = 5.0, 0.3  # a payer's risk is the chance of a suspension in a month, about 0.01
DEBITED_SHARE = 0.4
REVERSED_SHARE = 0.005
METHODS = pl.Series(["auto_debit", "bank", "wechat", "alipay", "cash"])
CHANNELS = pl.Series(["system", "bank", "app", "app", "own_shop"])
PAYMENT = {"acct_no": pl.String, "amount_fen": pl.Int64, "cycle": pl.String, "how": pl.Int64, "reversal_of": pl.String}
DEBT = {"acct_no": pl.String, "cycle": pl.String, "amount_fen": pl.Int64}


class Payers:
    """What accounts will pay or leave unpaid, by the day on which it happens."""

    def __init__(self, world: World) -> None:
        self.settings = world.settings
        self._outlets = world.outlets
        self._suspensions = suspensions(world)
        self._payments: defaultdict[date, list[pl.DataFrame]] = defaultdict(list)
        self._debts: defaultdict[date, list[pl.DataFrame]] = defaultdict(list)

    def owe(self, day: date, bills: pl.DataFrame) -> None:
        """Decide what becomes of bills issued on a day: acct_no, cycle, amount_fen, payer_risk.

        Whoever the world suspends for arrears after the due date pays when service resumes, or never if it does not.
        """
        due = day + timedelta(days=DUE_DAYS)
        in_arrears = self._suspensions.filter(
            pl.col("suspended_on").is_between(due, due + timedelta(days=SUSPENDED_WITHIN))
        ).unique("acct_no", keep="first", maintain_order=True)
        bills = bills.join(in_arrears, on="acct_no", how="left", maintain_order="left")
        rng = self.settings.rng("payment behaviour", day)
        luck, risk = rng.random(bills.height), bills["payer_risk"].to_numpy()
        is_debited = luck > 1 - DEBITED_SHARE
        wait = np.where(is_debited, rng.integers(1, 6, len(luck)), rng.integers(0, DUE_DAYS + 1, len(luck)))
        delay = DUE_DAYS + 1 + np.minimum(rng.exponential(9, len(luck)), 90).astype(np.int64)
        wait = np.where(luck < LATE_PER_RISK * risk, delay, wait)
        refuses = luck < NEVER_PER_RISK * risk
        how = np.where(is_debited, 0, rng.integers(1, len(METHODS), len(luck)))
        was_suspended = pl.col("suspended_on").is_not_null()
        decided = bills.with_columns(
            how=pl.Series(how),
            paid_on=pl.when(was_suspended).then("resumed_on").otherwise(days_after(day, wait)),
            is_never=pl.when(was_suspended).then(pl.col("resumed_on").is_null()).otherwise(pl.Series(refuses)),
        )
        self._debts[month_start(day, WRITE_OFF_MONTHS)].append(decided.filter("is_never").select(*DEBT))
        self._plan(decided.filter(~pl.col("is_never")).with_columns(reversal_of=pl.lit(None, pl.String)))

    def payment(self, day: date) -> pl.DataFrame:
        """The payments of a day; a few bounce days later and are made again."""
        due = pl.concat([pl.DataFrame(schema=PAYMENT), *self._payments.pop(day, [])])
        rng = self.settings.rng("payments", day)
        paid = due.with_columns(
            payment_no=numbered(f"P{day:%Y%m%d}", due.height), paid_at=office_times(rng, day, due.height)
        )
        is_bounced = pl.Series(rng.random(paid.height) < REVERSED_SHARE, dtype=pl.Boolean)
        bounced = paid.filter(is_bounced & (paid["amount_fen"] > 0))
        back, again = rng.integers(1, 6, (2, bounced.height))
        undone = {"amount_fen": -pl.col("amount_fen"), "reversal_of": pl.col("payment_no")}
        self._plan(bounced.with_columns(paid_on=days_after(day, back), **undone))
        self._plan(bounced.with_columns(paid_on=days_after(day, back + again)))
        channel, payer = CHANNELS[paid["how"]], paid["acct_no"].str.slice(1).cast(pl.Int64).to_numpy()
        return paid.select(
            "payment_no",
            "acct_no",
            "paid_at",
            METHODS[paid["how"]].alias("method"),
            channel.alias("channel"),
            decimals(paid["amount_fen"].to_numpy(), 2).alias("amount"),
            "cycle",
            "reversal_of",
            self._outlets.counter(channel, payer).alias("outlet_id"),
        )

    def bad_debt(self, day: date) -> pl.DataFrame:
        """Bills of half a year ago that nobody paid, written off on the first of a month."""
        debts = pl.concat([pl.DataFrame(schema=DEBT), *self._debts.pop(day, [])])
        amount = decimals(debts["amount_fen"].to_numpy(), 2)
        return debts.select("acct_no", "cycle", amount.alias("amount_amt"), pl.lit(day).alias("written_off_on"))

    def _plan(self, payments: pl.DataFrame) -> None:
        for (paid_on,), part in payments.partition_by("paid_on", as_dict=True).items():
            self._payments[paid_on].append(part.select(*PAYMENT))


def suspensions(world: World) -> pl.DataFrame:
    """One row per suspension for arrears: acct_no, suspended_on, and resumed_on unless the line left instead."""
    following = pl.col("at").shift(-1).over("line"), pl.col("kind").shift(-1).over("line")
    arrears = world.changes.filter(pl.col("kind").is_in([Kind.SUSPEND_ARREARS, Kind.RESUME, Kind.TERMINATE]))
    return (
        arrears.select(
            "line",
            "kind",
            suspended_on=pl.from_epoch("at").dt.date(),
            resumed_on=pl.when(following[1] == Kind.RESUME).then(pl.from_epoch(following[0]).dt.date()),
        )
        .filter(pl.col("kind") == Kind.SUSPEND_ARREARS)
        .join(world.lines.select("line", "acct_no"), on="line", maintain_order="left")
        .select("acct_no", "suspended_on", "resumed_on")
    )


def numbered(prefix: str, count: int) -> pl.Series:
    return pl.select(pl.lit(prefix) + pl.int_range(1, count + 1).cast(pl.String).str.zfill(8)).to_series()


def days_after(day: date, days: np.ndarray) -> pl.Series:
    return pl.Series(epoch_day(day) + days, dtype=pl.Int32).cast(pl.Date)
