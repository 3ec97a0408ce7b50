"""Faults of single business records: events out of order, constants for unknown values, money that comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl

from pipelines.synthetic.faults import RowFaults
from pipelines.synthetic.faults_ledger import FAULT, Ledger
from pipelines.synthetic.settings import Settings

MADE_UP_ADJUSTMENT = 900_000_000_000  # numbers of made-up adjustments start here


@dataclass(frozen=True)
class Moment:
    """One kind of fault about to be injected into the rows of a day."""

    kind: str
    day: date
    rng: np.random.Generator


@dataclass
class RecordFaults:
    """Injects faults into the tables of `faults.yaml` that are no usage, day by day; holds rows that arrive later."""

    settings: Settings
    faults: RowFaults
    ledger: Ledger
    _held: dict[tuple[str, date], list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))

    def inject(self, system: str, table: str, day: date, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows to deliver. The first day of history brings the initial state and stays as it is."""
        harms = HARMS.get(f"{system}.{table}", {})
        if not harms or day == self.settings.first_day or self.settings.faults == "none":
            return frame
        frame = frame.with_columns(pl.lit(0, pl.Int64).alias(FAULT))
        rng = self.settings.rng(f"record faults {system}.{table}", day)
        for kind, harm in harms.items():
            chosen = rng.random(frame.height) < self.faults.rate(kind, system, table)
            at = (pl.Series(chosen) & (frame[FAULT] == 0)).arg_true().to_numpy()
            if len(at):
                frame = harm(self, Moment(kind, day, rng), frame, at)
        return pl.concat([frame, *self._held.pop((table, day), [])], how="vertical_relaxed")

    def mark(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(pl.Series(FAULT, self.ledger.ids(rows.height), dtype=pl.Int64))

    def hold(self, table: str, day: date, rows: pl.DataFrame, lag: np.ndarray) -> None:
        for (days,), part in rows.with_columns(lag=pl.Series(lag)).partition_by("lag", as_dict=True).items():
            self._held[table, day + timedelta(days=int(days))].append(part.drop("lag"))


Harm = Callable[[RecordFaults, Moment, pl.DataFrame, np.ndarray], pl.DataFrame]


def _first_key(rows: pl.DataFrame) -> pl.Series:
    return rows.to_series(0).cast(pl.String)


def _user(rows: pl.DataFrame) -> pl.Series | None:
    return rows["user_id"] if "user_id" in rows.columns else None


def _postponed_status(to: RecordFaults, case: Moment, frame: pl.DataFrame, at: np.ndarray) -> pl.DataFrame:
    lag = to.faults.arrival(case.kind, case.day, len(at), case.rng)
    at, lag = at[lag > 0], lag[lag > 0]
    rows = to.mark(frame[at])
    arrives = pl.Series([str(case.day + timedelta(days=int(days))) for days in lag], dtype=pl.String)
    to.ledger.note(
        case.kind, rows[FAULT], key=_first_key(rows), original=str(case.day), injected=arrives, user_id=_user(rows)
    )  # fmt: skip
    to.hold("status_history", case.day, rows, lag)
    stays = np.ones(frame.height, dtype=bool)
    stays[at] = False
    return frame.filter(pl.Series(stays))


def _constant(column: str, value: str | date) -> Harm:
    def harm(to: RecordFaults, case: Moment, frame: pl.DataFrame, at: np.ndarray) -> pl.DataFrame:
        rows = to.mark(frame[at])
        original = rows[column].cast(pl.String)
        to.ledger.note(
            case.kind, rows[FAULT], key=_first_key(rows), original=original, injected=str(value), user_id=_user(rows)
        )  # fmt: skip
        return frame.with_columns(
            frame[column].clone().scatter(at, value), frame[FAULT].clone().scatter(at, rows[FAULT])
        )

    return harm


def _reversed_payment(to: RecordFaults, case: Moment, frame: pl.DataFrame, at: np.ndarray) -> pl.DataFrame:
    at = at[(frame["amount"][at] > 0).to_numpy()]
    lag = to.faults.arrival(case.kind, case.day, len(at), case.rng)
    at, lag = at[lag > 0], lag[lag > 0]
    rows = to.mark(frame[at]).with_columns(
        payment_no="R" + pl.col("payment_no"),
        paid_at=pl.col("paid_at") + pl.duration(days=pl.lit(pl.Series(lag))),
        amount=(-pl.col("amount")).cast(frame.schema["amount"]),
        reversal_of=pl.col("payment_no"),
    )
    to.ledger.note(
        case.kind, rows[FAULT], key=rows["payment_no"], original=rows["reversal_of"],
        injected=rows["amount"].cast(pl.String), charge=rows["amount"],
    )  # fmt: skip
    to.hold("payment", case.day, rows, lag)
    return frame


def _back_dated_adjustment(to: RecordFaults, case: Moment, frame: pl.DataFrame, at: np.ndarray) -> pl.DataFrame:
    rows = to.mark(frame[at])
    cycles = [_months_before(case.day, int(months)) for months in case.rng.integers(2, 6, len(at))]
    numbers = (rows[FAULT] + MADE_UP_ADJUSTMENT).cast(frame.schema["adjustment_no"]).alias("adjustment_no")
    rows = rows.with_columns(numbers, pl.Series("orig_cycle", cycles, dtype=pl.String))
    to.ledger.note(
        case.kind, rows[FAULT], key=_first_key(rows), original="no such adjustment", injected=rows["orig_cycle"],
        charge=rows["amount_amt"], user_id=_user(rows),
    )  # fmt: skip
    return pl.concat([frame, rows])


def _negative_bill(to: RecordFaults, case: Moment, frame: pl.DataFrame, at: np.ndarray) -> pl.DataFrame:
    """An added-service credit for a line that has no such bill line yet."""
    with_vas = frame.filter(pl.col("item_code") == "vas").select("user_id")
    rows = frame[at].unique("user_id", keep="first", maintain_order=True).join(with_vas, on="user_id", how="anti")
    rows = to.mark(rows).with_columns(
        pl.lit("vas", frame.schema["item_code"]).alias("item_code"),
        pl.Series("amount_fen", -100 * case.rng.integers(1, 20, rows.height)).cast(frame.schema["amount_fen"]),
        pl.lit(0, frame.schema["discount_fen"]).alias("discount_fen"),
        pl.lit(0, frame.schema["tax_fen"]).alias("tax_fen"),
    )
    key = rows.select(pl.format("{}/{}/{}/vas", "acct_no", "user_id", "cycle")).to_series()
    to.ledger.note(
        case.kind, rows[FAULT], key=key, original="no such line", injected=rows["amount_fen"].cast(pl.String),
        charge=rows["amount_fen"].cast(pl.Decimal(18, 6)) / Decimal(100), user_id=_user(rows),
    )  # fmt: skip
    return pl.concat([frame, rows])


def _months_before(day: date, months: int) -> str:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return f"{year}{month + 1:02}"


HARMS: dict[str, dict[str, Harm]] = {
    "provisioning.status_history": {"out_of_order_status": _postponed_status},
    "provisioning.subscription": {"constant_outlet": _constant("outlet_id", "0")},
    "channel.outlet": {"constant_date": _constant("opened_on", date(2000, 1, 1))},
    "payments.payment": {"reversed_payment": _reversed_payment},
    "billing.adjustment": {"back_dated_adjustment": _back_dated_adjustment},
    "billing.bill_item": {"negative_bill": _negative_bill},
}
