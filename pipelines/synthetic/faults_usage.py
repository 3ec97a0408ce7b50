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

LATE = ("late_event", "late_partial")  # leave their delivery and come with a later one
_BY_ROW = ("late_event", "duplicate_later", "duplicate", "garbage_imei", "imei_clone", "orphan", "broken_row")


@dataclass(frozen=True)
class UsageTable:
    """What the faults need to know of a usage table: its record number and what it measures (first = the main one)."""

    system: str
    table: str
    number: str
    measures: tuple[str, ...]
    is_text: bool

    def units(self, rows: pl.DataFrame) -> pl.Series:
        first, *others = (rows[measure].cast(pl.Int64) for measure in self.measures)
        return sum(others, first)

    def key(self, rows: pl.DataFrame) -> pl.Series:
        return rows[self.number].cast(pl.String) + "/" + rows["record_seq"].cast(pl.String)


USAGE_TABLES = {
    "mediation.cdr": UsageTable("mediation", "cdr", "call_ref", ("duration_s",), is_text=True),
    "charging.data_record": UsageTable(
        "charging", "data_record", "charging_id", ("bytes_down", "bytes_up"), is_text=False
    ),
}


@dataclass(frozen=True)
class Pick:
    """Rows of a delivery, by index, that suffer one kind of fault; `lag` is for those that arrive days later."""

    kind: str
    at: np.ndarray
    lag: np.ndarray


@dataclass(frozen=True)
class Suffered:
    """The picked rows as the fault leaves them, and what the ledger says of each."""

    rows: pl.DataFrame
    original: list[str]
    injected: list[str]


@dataclass
class UsageFaults:
    """Injects row faults day by day; holds only the rows that arrive later."""

    settings: Settings
    faults: RowFaults
    ledger: Ledger
    _held: dict[tuple[str, date], list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))

    def inject(self, usage: UsageTable, day: date, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """The rows to deliver for this day, with the column `FAULT`, and junk rows as text.

        A day has few faulty rows: they are gathered once, and only what must change touches the whole day.
        """
        frame = frame.hstack([pl.Series(FAULT, np.zeros(frame.height, np.int64))])
        arriving = self._held.pop((usage.table, day), [])
        if not frame.height or self.settings.faults == "none":
            return pl.concat([frame, *arriving], rechunk=False), None
        rng = self.settings.rng(f"row faults {usage.table}", day)
        picks = self._pick(usage, day, frame, rng)
        suffered = {pick.kind: self._suffer(usage, day, frame, pick, rng) for pick in picks}
        self._note(usage, suffered)
        for pick in picks:
            if len(pick.lag):
                self._hold(usage, day, suffered[pick.kind].rows, pick.lag)
        made_up, junk = self._split_junk(usage, suffered["broken_row"].rows)
        frame = self._changed(frame, picks, suffered)
        added = [suffered["duplicate"].rows, suffered["orphan"].rows, made_up]
        return pl.concat([frame, *arriving, *added], rechunk=False), junk

    def _pick(self, usage: UsageTable, day: date, frame: pl.DataFrame, rng: np.random.Generator) -> list[Pick]:
        """No row suffers two faults; rows that would arrive after the history stay as they are."""
        rates = np.array([self.faults.rate(kind, usage.system, usage.table) for kind in _BY_ROW])
        counts = rng.binomial(frame.height, rates)
        counts[-1] = min(counts[-1], max(5, frame.height // 2000))  # junk stays below the reject limit
        chosen = rng.choice(frame.height, size=min(counts.sum(), frame.height), replace=False)
        parts = dict(zip(_BY_ROW, np.split(chosen, np.cumsum(counts)[:-1]), strict=True))
        continued = np.setdiff1d(np.flatnonzero(frame["record_seq"].to_numpy() > 1), chosen)
        share = self.faults.rate("late_partial", usage.system, usage.table)
        parts["late_partial"] = continued[rng.random(len(continued)) < share]
        picks = []
        for kind, at in parts.items():
            lag = np.empty(0, np.int64)
            if kind in (*LATE, "duplicate_later"):
                lag = self.faults.arrival(kind, day, len(at), rng)
                at, lag = at[lag > 0], lag[lag > 0]
            picks.append(Pick(kind, at, lag))
        return picks

    def _suffer(
        self, usage: UsageTable, day: date, frame: pl.DataFrame, pick: Pick, rng: np.random.Generator
    ) -> Suffered:
        count = len(pick.at)
        rows = frame[pick.at] if count else frame.clear()
        rows.replace_column(rows.width - 1, pl.Series(FAULT, self.ledger.ids(count)))
        if len(pick.lag):
            arrives = [str(day + timedelta(days=lag)) for lag in pick.lag.tolist()]
            return Suffered(rows, [str(day)] * count, arrives)
        match pick.kind:
            case "garbage_imei":
                return self._with_device(rows, rng.choice(GARBAGE_IMEIS, count).tolist())
            case "imei_clone":
                return self._with_device(rows, [frame["imei"][int(rng.integers(frame.height))]] * count)
            case "orphan":
                number = [f"{NOBODYS_PREFIX}{tail:08}" for tail in rng.integers(10**8, size=count).tolist()]
                rows = self._made_up(usage, rows)
                rows.replace_column(
                    rows.get_column_index("served_msisdn"), pl.Series("served_msisdn", number, pl.String)
                )
                return Suffered(rows, ["no such event"] * count, number)
            case "broken_row":
                return self._broken(usage, self._made_up(usage, rows))
        return Suffered(rows, ["once"] * count, ["twice in the delivery"] * count)

    @staticmethod
    def _with_device(rows: pl.DataFrame, imei: list[str]) -> Suffered:
        original = rows["imei"].to_list()
        rows.replace_column(rows.get_column_index("imei"), pl.Series("imei", imei, pl.String))
        return Suffered(rows, original, imei)

    @staticmethod
    def _made_up(usage: UsageTable, rows: pl.DataFrame) -> pl.DataFrame:
        """Copied rows that stand for no event get a record number of their own, and have one part only."""
        number = (rows[FAULT] + MADE_UP).alias(usage.number)
        first = pl.Series("record_seq", np.ones(rows.height), rows.schema["record_seq"])
        return rows.with_columns(number.cast(rows.schema[usage.number]), first)

    @staticmethod
    def _broken(usage: UsageTable, rows: pl.DataFrame) -> Suffered:
        """A third with a device of sixteen digits; the others with a negative measure, or none in text files."""
        measure, long = usage.measures[0], rows.height // 3
        values = rows[measure].to_list()
        devices = rows["imei"].to_list()
        values[long:] = [-5] * (rows.height - long)
        devices[:long] = [LONG_IMEI] * long
        unreadable = long if usage.is_text else 0
        injected = [f"imei={LONG_IMEI}"] * long + [f"{measure}=-5"] * (rows.height - long - unreadable)
        rows = rows.with_columns(
            pl.Series(measure, values, rows.schema[measure]), pl.Series("imei", devices, pl.String)
        )
        return Suffered(rows, ["no such event"] * rows.height, injected + [f"{measure}=n/a"] * unreadable)

    @staticmethod
    def _split_junk(usage: UsageTable, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """In text files the last third of the broken rows has a measure that is no number."""
        unreadable = rows.height // 3 if usage.is_text else 0
        if not unreadable:
            return rows, None
        return rows[:-unreadable], rows[-unreadable:].with_columns(pl.lit("n/a").alias(usage.measures[0]))

    def _note(self, usage: UsageTable, suffered: dict[str, Suffered]) -> None:
        rows = pl.concat([one.rows for one in suffered.values()], rechunk=True)
        kinds = [kind for kind, one in suffered.items() for _ in range(one.rows.height)]
        self.ledger.note(
            pl.Series(kinds, dtype=pl.String),
            rows[FAULT],
            key=usage.key(rows),
            original=pl.Series([text for one in suffered.values() for text in one.original], dtype=pl.String),
            injected=pl.Series([text for one in suffered.values() for text in one.injected], dtype=pl.String),
            units=usage.units(rows),
            charge=rows["charge_amt"],
            msisdn=rows["served_msisdn"],
        )

    def _hold(self, usage: UsageTable, day: date, rows: pl.DataFrame, lag: np.ndarray) -> None:
        """Keep rows until their day."""
        order = np.argsort(lag, kind="stable")
        # Rows picked from a frame share its text buffers; without a copy, a few held rows would keep the whole day.
        own = pl.DataFrame(rows[order].to_arrow(compat_level=pl.CompatLevel.oldest()))
        days, starts, counts = np.unique(lag[order], return_index=True, return_counts=True)
        for later, start, count in zip(days.tolist(), starts.tolist(), counts.tolist(), strict=True):
            self._held[usage.table, day + timedelta(days=later)].append(own.slice(start, count))

    @staticmethod
    def _changed(frame: pl.DataFrame, picks: list[Pick], suffered: dict[str, Suffered]) -> pl.DataFrame:
        """The day's own rows: false devices written in, late rows taken out."""
        false = [pick for pick in picks if pick.kind in ("garbage_imei", "imei_clone") and len(pick.at)]
        if false:
            at = np.concatenate([pick.at for pick in false])
            rows = pl.concat([suffered[pick.kind].rows for pick in false], rechunk=True)
            for name in ("imei", FAULT):
                frame = frame.with_columns(frame[name].clone().scatter(at, rows[name]))
        stays = np.ones(frame.height, dtype=bool)
        stays[np.concatenate([pick.at for pick in picks if pick.kind in LATE])] = False
        return frame if stays.all() else frame.filter(pl.Series(stays))
