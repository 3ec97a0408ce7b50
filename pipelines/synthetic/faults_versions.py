"""Faults of a whole delivery: it comes late, damaged, in another shape or with wrong values, and is corrected.

Each maker takes the true delivery and gives the versions that are dropped instead, the last one true, or None when
this delivery does not fit. Faults of single rows belong to the last version only: it is the one that stays in force.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl

from pipelines.synthetic.deliver import UNREADABLE, Damage, Delivery
from pipelines.synthetic.faults import Schedule
from pipelines.synthetic.faults_ledger import FAULT, Ledger
from pipelines.synthetic.faults_usage import USAGE_TABLES
from pipelines.synthetic.formats import csv_bytes, layout_of
from pipelines.synthetic.settings import Settings

MOST_CHANGED = 500  # rows that a wrong first version gets wrong at most


@dataclass(frozen=True)
class Case:
    """One fault about to be injected."""

    kind: str
    lag: int
    rng: np.random.Generator
    ledger: Ledger

    def note(self, delivery: Delivery, original: str, injected: str, *, units: int = 0) -> int:
        """A ledger entry for the delivery as a whole; returns its fault id."""
        ids = self.ledger.ids(1)
        key = f"{delivery.system}.{delivery.table}/{delivery.data_date}"
        self.ledger.note(self.kind, ids, key=key, original=original, injected=injected, units=units)
        return int(ids[0])

    def corrected(self, wrong: Delivery, true: Delivery) -> list[Delivery]:
        """The wrong version, then the true one as the next redo, `lag` days later."""
        later = true.delivered_at + timedelta(days=self.lag)
        return [wrong, replace(true, redo=true.redo + 1, delivered_at=later)]


Maker = Callable[[Case, Delivery], list[Delivery] | None]


def versions(delivery: Delivery, schedule: Schedule, settings: Settings, ledger: Ledger) -> list[Delivery]:
    """The delivery as it is dropped: unharmed, or as the longest waiting fault that fits makes it."""
    for appointment in schedule.due(delivery.system, delivery.table, delivery.data_date):
        rng = settings.rng(f"{appointment.kind} {delivery.table}", delivery.data_date)
        made = MAKERS[appointment.kind](Case(appointment.kind, appointment.lag, rng, ledger), delivery)
        if made:
            schedule.settle(delivery.system, delivery.table, appointment)
            return made
    return [delivery]


def _first_version(delivery: Delivery, frame: pl.DataFrame | None = None) -> Delivery:
    """A version that will be replaced: without junk and without the marks of row faults."""
    frame = delivery.frame if frame is None else frame
    return replace(delivery, frame=frame.drop(FAULT, strict=False), junk=None)


def _marks(frame: pl.DataFrame, at: np.ndarray, ids: pl.Series) -> pl.Series:
    """The column `FAULT` with these faults only."""
    return pl.zeros(frame.height, dtype=pl.Int64, eager=True).scatter(at, ids).alias(FAULT)


def _missing(case: Case, true: Delivery) -> list[Delivery]:
    later = true.delivered_at + timedelta(days=case.lag)
    fault_id = case.note(true, str(true.delivered_at), str(later))
    return [replace(true, delivered_at=later, fault_id=fault_id)]


def _damaged(damage: Damage) -> Maker:
    def make(case: Case, true: Delivery) -> list[Delivery] | None:
        if true.frame.height < 2:
            return None
        fault_id = case.note(true, f"{true.frame.height} rows", damage.value)
        return case.corrected(replace(_first_version(true), damage=damage, fault_id=fault_id), true)

    return make


def _wrong_encoding(case: Case, true: Delivery) -> list[Delivery] | None:
    """Some UTF-8 text is by chance valid GB18030 of as many fields; only what cannot pass for right is dropped."""
    layout = layout_of(true.system, true.table)
    payload = csv_bytes(true.frame.drop(FAULT, strict=False), replace(layout, encoding="utf-8"))
    try:
        text = payload.decode(layout.encoding)
    except UnicodeDecodeError:
        return _damaged(Damage.UTF_8)(case, true)
    swallowed = text.count(layout.delimiter) < payload.count(layout.delimiter.encode())
    return _damaged(Damage.UTF_8)(case, true) if swallowed else None


def _mixed_encoding(case: Case, true: Delivery) -> list[Delivery] | None:
    if not true.frame.height or "name" not in true.frame.columns:
        return None
    at = case.rng.choice(true.frame.height, size=min(3, true.frame.height), replace=False)
    ids = pl.Series(case.ledger.ids(len(at)))
    names = true.frame["name"]
    broken = names[at].fill_null("") + UNREADABLE
    key = true.frame[at].select(pl.first().cast(pl.String)).to_series()
    case.ledger.note(case.kind, ids, key=key, original=names[at], injected="a byte 0xFF after the name")
    frame = true.frame.with_columns(names.clone().scatter(at, broken), _marks(true.frame, at, ids))
    return case.corrected(replace(true, frame=frame, junk=None), true)


def _redelivery(case: Case, true: Delivery) -> list[Delivery] | None:
    """Up to one row in a hundred measures too much; single records, never messages (they measure nothing)."""
    usage = USAGE_TABLES[f"{true.system}.{true.table}"]
    measure = usage.measures[0]
    measured = (true.frame[measure] > 0).arg_true().to_numpy()
    if not len(measured):
        return None
    count = min(MOST_CHANGED, max(1, len(measured) // 100))
    at = case.rng.choice(measured, size=count, replace=False)
    surplus = case.rng.integers(1, 600, count)
    ids = pl.Series(case.ledger.ids(count))
    rows = true.frame[at]
    wrong = rows[measure] + pl.Series(surplus).cast(rows.schema[measure])
    text = [values.cast(pl.String) for values in (rows[measure], wrong)]
    case.ledger.note(case.kind, ids, key=usage.key(rows), original=text[0], injected=text[1], units=pl.Series(-surplus))
    frame = true.frame.with_columns(true.frame[measure].clone().scatter(at, wrong), _marks(true.frame, at, ids))
    return case.corrected(replace(true, frame=frame, junk=None), true)


def _reshaped(change: str, reshape: Callable[[pl.DataFrame], pl.DataFrame]) -> Maker:
    """The same rows under another header; corrected if the kind says so."""

    def make(case: Case, true: Delivery) -> list[Delivery]:
        fault_id = case.note(true, ",".join(c for c in true.frame.columns if c != FAULT), change)
        if not case.lag:
            return [replace(true, frame=reshape(true.frame), junk=_reshape_junk(true, reshape), fault_id=fault_id)]
        first = _first_version(true, reshape(true.frame))
        return case.corrected(replace(first, fault_id=fault_id), true)

    return make


def _reshape_junk(delivery: Delivery, reshape: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame | None:
    return None if delivery.junk is None else reshape(delivery.junk)


def _with_new_column(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.lit("x").alias("vendor_ext"))


def _reversed_columns(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(reversed(frame.columns))


def _upper_header(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({column: column.upper() for column in frame.columns if column != FAULT})


def _without_key(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop(frame.columns[0])


def _unit_change(case: Case, true: Delivery) -> list[Delivery] | None:
    volumes = true.frame.select("bytes_up", "bytes_down")
    in_kb = volumes.with_columns(pl.all() // 1024)
    lost = int(volumes.sum_horizontal().sum()) - int(in_kb.sum_horizontal().sum())
    if not lost:
        return None
    fault_id = case.note(true, "bytes", "kilobytes", units=lost)
    frame = true.frame.with_columns(in_kb.get_columns())
    return case.corrected(replace(_first_version(true, frame), fault_id=fault_id), true)


def _zone_shift(case: Case, true: Delivery) -> list[Delivery] | None:
    if not true.frame.height:
        return None
    fault_id = case.note(true, "Asia/Shanghai", "UTC")
    frame = true.frame.with_columns(pl.col("start_at").dt.offset_by("-8h"))
    return case.corrected(replace(_first_version(true, frame), fault_id=fault_id), true)


MAKERS: dict[str, Maker] = {
    "missing_delivery": _missing,
    "short_file": _damaged(Damage.SHORT),
    "redelivery": _redelivery,
    "new_column": _reshaped("one more column, vendor_ext", _with_new_column),
    "reordered_columns": _reshaped("the same columns in reverse order", _reversed_columns),
    "header_case": _reshaped("the same columns in capitals", _upper_header),
    "missing_column": _reshaped("without the first column", _without_key),
    "unit_change": _unit_change,
    "zone_shift": _zone_shift,
    "wrong_encoding": _wrong_encoding,
    "mixed_encoding": _mixed_encoding,
    "truncated_gzip": _damaged(Damage.TRUNCATED),
    "absent_file": _damaged(Damage.NO_FILE),
    "absent_manifest": _damaged(Damage.NO_MANIFEST),
}
