"""Prepaid money: balances that rated charges and fees take from, and the recharges that fill them up again.

Every day takes from a balance the line's rated charges of the day, rounded half up to the fen once, and the monthly fee
on the 1st (prorated on the day of activation), so that balance = balance before + recharges - charges - fee, exactly.
Suspended lines keep their balance and pay no fee; a balance may fall below zero until the next recharge.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.hours import office_times
from pipelines.synthetic.payers import numbered
from pipelines.synthetic.rating import decimals, fen
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.world import World

VALUES_FEN = np.array([1000, 2000, 3000, 5000, 10_000])
LOW_FEN = 1000
RECHARGE_CHANCE = 0.6  # per day, once the balance is low
REVERSED_SHARE = 0.002
METHODS = pl.Series(["wechat", "alipay", "bank", "cash", "voucher"])
CHANNELS = pl.Series(["app", "app", "bank", "agent", "air_recharge"])
METHOD_SHARES = [0.42, 0.28, 0.10, 0.08, 0.12]


class Wallets:
    """The balance of each line in fen, day after day; a line is prepaid as long as its plan is."""

    def __init__(self, world: World, usage: Usage) -> None:
        self.world = world
        self.usage = usage
        self.fees_fen = 0
        opening = world.settings.rng("opening balances").integers(500, 12_000, world.lines.height)
        self.is_prepaid = prepaid_before(world, world.settings.first_day)
        self.balance_fen = np.where(self.is_prepaid, opening, 0).astype(np.int64)
        self._reversals: defaultdict[date, list[pl.DataFrame]] = defaultdict(list)

    def step(self, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The recharges and the closing balances of a day."""
        active = self.usage.active
        line = active["line"].to_numpy()
        self.is_prepaid[line] = self.usage.tariffs.is_prepaid[active["plan"].to_numpy()]
        prepaid = np.flatnonzero(self.is_prepaid[line])
        self._charge(line[prepaid], active["plan"].to_numpy()[prepaid], day)
        recharge = self._recharges(line[prepaid], active["msisdn"][prepaid], day)
        np.add.at(self.balance_fen, recharge["line"].to_numpy(), recharge["amount_fen"].to_numpy())
        return self._recharge_table(recharge), self._balance(day)

    def _charge(self, line: np.ndarray, plan: np.ndarray, day: date) -> None:
        micro = self.usage.today.all_charges()
        charged = np.flatnonzero(self.is_prepaid & (micro > 0))
        self.balance_fen[charged] -= fen(micro[charged])
        days = monthrange(day.year, day.month)[1]
        is_first = self._activated_on(day)[line] if day.day > 1 else np.ones(len(line), bool)
        fee = fen(self.usage.tariffs.fee[plan] * (days - day.day + 1) // days) * is_first
        self.balance_fen[line] -= fee
        self.fees_fen += int(fee.sum())

    def _activated_on(self, day: date) -> np.ndarray:
        return (self.world.lines["activated_at"].dt.date() == day).to_numpy()

    def _recharges(self, line: np.ndarray, msisdn: pl.Series, day: date) -> pl.DataFrame:
        """Who fills up today: new lines at once, others soon after their balance has become low."""
        rng = self.world.settings.rng("recharges", day)
        low = self.balance_fen[line] < LOW_FEN
        chosen = np.flatnonzero(low & ((rng.random(len(line)) < RECHARGE_CHANCE) | self._activated_on(day)[line]))
        wanted = LOW_FEN - self.balance_fen[line[chosen]] + rng.integers(500, 6000, len(chosen))
        value = VALUES_FEN[np.minimum(np.searchsorted(VALUES_FEN, wanted), len(VALUES_FEN) - 1)]
        method = rng.choice(len(METHODS), len(chosen), p=METHOD_SHARES)
        voucher = numbered(f"V{day:%y%m%d}", len(chosen)).set(pl.Series(method) != METHODS.len() - 1, None)
        fresh = pl.DataFrame(
            {
                "line": line[chosen].astype(np.int32),
                "msisdn": msisdn[chosen],
                "amount_fen": value,
                "how": method.astype(np.int64),
                "voucher_no": voucher,
                "reversal_of": pl.Series([None] * len(chosen), dtype=pl.String),
            }
        )
        due = [part for part in self._reversals.pop(day, []) if not part.is_empty()]
        undone = [part.filter(pl.col("line").is_in(line)) for part in due]
        rows = pl.concat([fresh, *undone])
        rows = rows.with_columns(
            recharge_no=numbered(f"R{day:%Y%m%d}", rows.height), recharged_at=office_times(rng, day, rows.height)
        )
        self._plan_reversals(rows.filter(pl.col("amount_fen") > 0), day, rng)
        return rows

    def _plan_reversals(self, rows: pl.DataFrame, day: date, rng: np.random.Generator) -> None:
        bounced = rows.filter(pl.Series(rng.random(rows.height) < REVERSED_SHARE))
        undone = bounced.with_columns(amount_fen=-pl.col("amount_fen"), reversal_of=pl.col("recharge_no"))
        self._reversals[day + timedelta(days=1)].append(undone.drop("recharge_no", "recharged_at"))

    def _recharge_table(self, rows: pl.DataFrame) -> pl.DataFrame:
        channel = CHANNELS[rows["how"]]
        return rows.select(
            "recharge_no",
            self.world.lines["user_id"][rows["line"]].alias("user_id"),
            "msisdn",
            "recharged_at",
            decimals(rows["amount_fen"].to_numpy(), 2).alias("amount"),
            METHODS[rows["how"]].alias("method"),
            channel.alias("channel"),
            "voucher_no",
            "reversal_of",
            self.world.outlets.counter(channel, rows["line"].to_numpy()).alias("outlet_id"),
        )

    def _balance(self, day: date) -> pl.DataFrame:
        night = datetime.combine(day + timedelta(days=1), time())
        lines = self.world.lines
        exists = (lines["activated_at"] < night) & (
            lines["terminated_at"].is_null() | (lines["terminated_at"] >= night)
        )
        line = np.flatnonzero(exists.to_numpy() & self.is_prepaid)
        return pl.DataFrame(
            {
                "user_id": lines["user_id"][line],
                "day": pl.repeat(day, len(line), dtype=pl.Date, eager=True),
                "balance": decimals(self.balance_fen[line], 2),
            }
        )


def prepaid_before(world: World, day: date) -> np.ndarray:
    """Whether each line's last plan before a day was prepaid; false for lines that had none."""
    spells = world.spells.filter(pl.col("from_at") < pl.lit(day)).sort("line", "from_at").unique("line", keep="last")
    is_prepaid = np.zeros(world.lines.height, bool)
    is_prepaid[spells["line"].to_numpy()] = (world.plans["pay_type"][spells["plan"]] == "prepaid").to_numpy()
    return is_prepaid
