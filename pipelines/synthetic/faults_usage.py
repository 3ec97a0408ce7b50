"""Faults of single usage records: late, double, split over deliveries, with false devices, of nobody, or junk.

Nothing true is lost: a record is only moved to a later delivery, copied, or given another device; what is made up has
its own record number, far above the operator's, and no counterpart in the truth.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.faults import RowFaults
from pipelines.synthetic.faults_ledger import FAULT, Ledger
from pipelines.synthetic.settings import Settings

MADE_UP = 900_000_000_000_000_000  # record numbers of records that stand for no event start here
GARBAGE_IMEIS = ("111111111111111", "135792468013579")
LONG_IMEI = "8612345678901234"  # sixteen digits: no contract accepts it, so only made-up records carry it
NOBODYS_PREFIX = "199"  # no line of the operator has a number that begins like this

_KINDS = ("late_event", "duplicate", "duplicate_later", "garbage_imei", "imei_clone", "orphan", "broken_row")


@dataclass(frozen=True)
class UsageTable:
    """What the faults need to know of a usage table: its record number and what it measures (first = the main one)."""

    system: str
    table: str
    number: str
    measures: tuple[str, ...]
    is_text: bool

    def units(self, rows: pl.DataFrame) -> pl.Series:
        return rows.select(pl.sum_horizontal(pl.col(self.measures).cast(pl.Int64)).alias("units")).to_series()

    def key(self, rows: pl.DataFrame) -> pl.Series:
        return rows.select(pl.format("{}/{}", self.number, "record_seq").alias("key")).to_series()


USAGE_TABLES = {
    "mediation.cdr": UsageTable("mediation", "cdr", "call_ref", ("duration_s",), is_text=True),
    "charging.data_record": UsageTable(
        "charging", "data_record", "charging_id", ("bytes_down", "bytes_up"), is_text=False
    ),
}


@dataclass
class UsageFaults:
    """Injects row faults day by day; holds only the rows that arrive later."""

    settings: Settings
    faults: RowFaults
    ledger: Ledger
    _held: dict[tuple[str, date], list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))

    def inject(self, usage: UsageTable, day: date, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """The rows to deliver for this day, with the column `FAULT`, and junk rows as text."""
        frame = frame.with_columns(pl.lit(0, pl.Int64).alias(FAULT))
        extra = self._held.pop((usage.table, day), [])
        junk = None
        if frame.height and self.settings.faults != "none":
            rng = self.settings.rng(f"row faults {usage.table}", day)
            picked = self._pick(usage, frame, rng)
            frame = self._false_devices(usage, frame, picked, rng)
            extra.append(self._copies(usage, frame, picked["duplicate"]))
            self._hold_copies(usage, day, frame, picked["duplicate_later"], rng)
            extra.append(self._orphans(usage, frame, picked["orphan"], rng))
            negative, junk = self._broken(usage, frame, picked["broken_row"])
            extra.append(negative)
            gone = [
                self._postpone(usage, day, frame, kind, picked[kind], rng) for kind in ("late_event", "late_partial")
            ]
            stays = np.ones(frame.height, dtype=bool)
            stays[np.concatenate(gone)] = False
            frame = frame.filter(pl.Series(stays))
        return pl.concat([frame, *extra], rechunk=False) if extra else frame, junk

    def _pick(self, usage: UsageTable, frame: pl.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Row indexes for each kind; no row suffers two faults."""
        rates = np.array([self.faults.rate(kind, usage.system, usage.table) for kind in _KINDS])
        counts = rng.binomial(frame.height, rates)
        counts[_KINDS.index("broken_row")] = min(counts[-1], max(5, frame.height // 2000))
        chosen = rng.choice(frame.height, size=min(counts.sum(), frame.height), replace=False)
        picked = dict(zip(_KINDS, np.split(chosen, np.cumsum(counts)[:-1]), strict=True))
        continued = np.setdiff1d((frame["record_seq"] > 1).arg_true().to_numpy(), chosen)
        share = self.faults.rate("late_partial", usage.system, usage.table)
        picked["late_partial"] = continued[rng.random(len(continued)) < share]
        return picked

    def _note(
        self, usage: UsageTable, kind: str, rows: pl.DataFrame, original: pl.Series | str, injected: pl.Series | str
    ) -> None:
        """Ledger entries of rows that carry their fault ids."""
        if rows.is_empty():
            return
        self.ledger.note(
            kind,
            rows[FAULT],
            key=usage.key(rows),
            original=original,
            injected=injected,
            units=usage.units(rows),
            charge=rows["charge_amt"],
        )

    def _marked(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(pl.Series(FAULT, self.ledger.ids(rows.height), dtype=pl.Int64))

    def _false_devices(
        self, usage: UsageTable, frame: pl.DataFrame, picked: dict[str, np.ndarray], rng: np.random.Generator
    ) -> pl.DataFrame:
        at = np.concatenate([picked["garbage_imei"], picked["imei_clone"]])
        garbage = len(picked["garbage_imei"])
        if not len(at):
            return frame
        victim = frame["imei"][int(rng.integers(frame.height))]
        imei = pl.Series(
            [*rng.choice(GARBAGE_IMEIS, garbage).tolist(), *[victim] * (len(at) - garbage)], dtype=pl.String
        )
        rows = self._marked(frame[at])
        for kind, part in (("garbage_imei", slice(None, garbage)), ("imei_clone", slice(garbage, None))):
            self._note(usage, kind, rows[part], rows["imei"][part], imei[part])
        return frame.with_columns(
            frame["imei"].clone().scatter(at, imei),
            frame[FAULT].clone().scatter(at, rows[FAULT]),
        )

    def _copies(self, usage: UsageTable, frame: pl.DataFrame, at: np.ndarray) -> pl.DataFrame:
        rows = self._marked(frame[at])
        self._note(usage, "duplicate", rows, "once", "twice in the delivery")
        return rows

    def _hold_copies(
        self, usage: UsageTable, day: date, frame: pl.DataFrame, at: np.ndarray, rng: np.random.Generator
    ) -> None:
        lag = self.faults.arrival("duplicate_later", day, len(at), rng)
        rows = self._marked(frame[at[lag > 0]])
        self._note(usage, "duplicate_later", rows, str(day), self._hold(usage, day, rows, lag[lag > 0]))

    def _postpone(
        self, usage: UsageTable, day: date, frame: pl.DataFrame, kind: str, at: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Hold rows back for a later delivery; returns the indexes of those that leave this one."""
        lag = self.faults.arrival(kind, day, len(at), rng)
        at, lag = at[lag > 0], lag[lag > 0]
        rows = self._marked(frame[at])
        self._note(usage, kind, rows, str(day), self._hold(usage, day, rows, lag))
        return at

    def _hold(self, usage: UsageTable, day: date, rows: pl.DataFrame, lag: np.ndarray) -> pl.Series:
        """Keep rows until their day; returns the data dates with which they will be delivered."""
        if rows.is_empty():
            return pl.Series(dtype=pl.String)
        # Rows picked from a frame share its text buffers; without a copy, a few held rows would keep the whole day.
        own = pl.DataFrame(rows.to_arrow(compat_level=pl.CompatLevel.oldest()))
        for (days,), part in own.with_columns(lag=pl.Series(lag)).partition_by("lag", as_dict=True).items():
            self._held[usage.table, day + timedelta(days=int(days))].append(part.drop("lag"))
        return pl.Series([str(day + timedelta(days=int(days))) for days in lag], dtype=pl.String)

    def _orphans(
        self, usage: UsageTable, frame: pl.DataFrame, at: np.ndarray, rng: np.random.Generator
    ) -> pl.DataFrame:
        rows = self._marked(frame[at])
        number = pl.Series(
            [f"{NOBODYS_PREFIX}{tail:08}" for tail in rng.integers(10**8, size=len(at))], dtype=pl.String
        )
        rows = rows.with_columns(number.alias("served_msisdn"), *self._made_up(usage, frame))
        self._note(usage, "orphan", rows, "no such event", number)
        return rows

    def _broken(
        self, usage: UsageTable, frame: pl.DataFrame, at: np.ndarray
    ) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """Junk: negative measures, devices of sixteen digits, and in text files measures that are no number."""
        rows = self._marked(frame[at]).with_columns(self._made_up(usage, frame))
        measure = usage.measures[0]
        third = len(at) // 3
        negative = rows[: len(at) - third].with_columns(pl.lit(-5, frame.schema[measure]).alias(measure))
        long = rows[len(at) - third :].with_columns(pl.lit(LONG_IMEI).alias("imei"))
        self._note(usage, "broken_row", long, "no such event", f"imei={LONG_IMEI}")
        text = negative[:third] if usage.is_text else negative[:0]
        negative = negative[text.height :]
        self._note(usage, "broken_row", negative, "no such event", f"{measure}=-5")
        self._note(usage, "broken_row", text, "no such event", f"{measure}=n/a")
        typed = pl.concat([negative, long])
        return typed, text.with_columns(pl.lit("n/a").alias(measure)) if text.height else None

    @staticmethod
    def _made_up(usage: UsageTable, frame: pl.DataFrame) -> list[pl.Expr]:
        """A record number of its own, and one part only, for a copied row that stands for no event."""
        return [
            (pl.col(FAULT) + MADE_UP).cast(frame.schema[usage.number]).alias(usage.number),
            pl.lit(1, frame.schema["record_seq"]).alias("record_seq"),
        ]
