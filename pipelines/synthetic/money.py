"""The money of a world, kept in step with its usage: one `Books` per world, one turn per day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import polars as pl

from pipelines.synthetic import ledger
from pipelines.synthetic.bills import Bills
from pipelines.synthetic.usage import Usage
from pipelines.synthetic.wallets import Wallets
from pipelines.synthetic.world import World

Tables = dict[str, pl.DataFrame]


class Books:
    """Usage, bills, wallets and ledger of a world; days go forward only, the last one stays at hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.usage = Usage(world)
        self.bills = Bills(world, self.usage)
        self.wallets = Wallets(world, self.usage)
        self._next_day = world.settings.first_day
        self._tables: dict[str, Tables] = {}

    def day(self, day: date) -> dict[str, Tables]:
        """What the money systems deliver for a day, by system and table."""
        if day < self._next_day - timedelta(days=1):
            raise ValueError(f"the books of {day} are closed: days are kept in order, next is {self._next_day}")
        while self._next_day <= day:
            self._tables = self._turn(self._next_day)
            self._next_day += timedelta(days=1)
        return self._tables

    def records(self, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The call and the data records of a day."""
        self.day(day)
        return self.usage.day(day)

    def _turn(self, day: date) -> dict[str, Tables]:
        if self.usage.today.day != day:  # its records may have been taken in parts already
            self.usage.day(day)
        monthly = self._month_end(day) if day.day == 1 and day > self.world.settings.first_day else {}
        recharge, balance = self.wallets.step(day)
        adjustment = self.bills.adjustment(day)
        return {
            **monthly,
            "billing": {**monthly.get("billing", {}), "adjustment": adjustment},
            "payments": {"payment": self.bills.payers.payment(day), "recharge": recharge, "balance": balance},
        }

    def _month_end(self, day: date) -> dict[str, Tables]:
        """Everything that closes the month before `day`, before anything of `day` itself is booked."""
        month = self.usage.last_month
        bill_item = self.bills.bill_item(day)
        settled = ledger.interconnect(day, month)
        revenue = ledger.ledger_revenue(
            day,
            month,
            bill_item,
            prepaid_fees_fen=self.wallets.fees_fen,
            adjusted_fen=self.bills.adjusted_fen,
            settled=settled,
        )
        self.wallets.fees_fen = self.bills.adjusted_fen = 0
        return {
            "billing": {"bill_item": bill_item, "bad_debt": self.bills.payers.bad_debt(day)},
            "settlement": {"interconnect": settled},
            "finance": {
                "ledger_revenue": revenue,
                "service_cost": ledger.service_cost(day, month),
                "subsidy": ledger.subsidy(self.world, day),
            },
        }


@lru_cache(maxsize=1)
def books(world: World) -> Books:
    """The books of the world that is being delivered; opening another world's closes them."""
    return Books(world)
