"""The ledger of injected faults, `truth/fault.parquet`: what was done to which row of which file.

A row of a frame carries its fault in the column `FAULT` (0 = none) until the file is written; only then file and row
number are known. Entries and places meet here, and what is complete is written each day, so memory stays bounded.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from pipelines.synthetic.faults import catalogue

FAULT = "fault_id"

_ENTRY = {
    "fault_id": pl.Int64(),
    "kind": pl.String(),
    "key": pl.String(),
    "original": pl.String(),
    "injected": pl.String(),
    "amount_units": pl.Int64(),
    "amount_charge": pl.Decimal(18, 6),
    "user_id": pl.String(),
    "msisdn": pl.String(),
}
_COMMON = {
    "system": pl.String(),
    "table_name": pl.String(),
    "data_date": pl.Date(),
    "redo": pl.Int32(),
    "file": pl.String(),
    "delivered_on": pl.Date(),
}
_LEDGER = [
    "fault_id", "kind", "system", "table_name", "data_date", "redo", "file", "row_no", "key", "original", "injected",
    "delivered_on", "expected", "amount_units", "amount_charge", "user_id", "msisdn",
]  # fmt: skip


class Ledger:
    """Collects faults as they are injected and places as they are written; use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._next_id = 1
        self._entries = pl.DataFrame(schema=_ENTRY)
        self._new_entries: list[pl.DataFrame] = []
        self._new_places: list[tuple[pl.Series, pl.Series, tuple[object, ...]]] = []
        self.written = 0
        empty = (
            pl.DataFrame(schema={**_ENTRY, **_COMMON, "row_no": pl.Int64(), "expected": pl.String()})
            .select(_LEDGER)
            .to_arrow()
        )
        self._file = pq.ParquetWriter(path, empty.schema)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        self._file.close()

    def ids(self, count: int) -> np.ndarray:
        """New fault ids, in a row."""
        first, self._next_id = self._next_id, self._next_id + count
        return np.arange(first, first + count)

    def note(
        self,
        kind: str | pl.Series,
        ids: np.ndarray | pl.Series,
        *,
        key: pl.Series | str,
        original: pl.Series | str | None = None,
        injected: pl.Series | str | None = None,
        units: pl.Series | int = 0,
        charge: pl.Series | Decimal = Decimal(0),
        user_id: pl.Series | None = None,
        msisdn: pl.Series | None = None,
    ) -> None:
        """Record faults; single values hold for all of them. `user_id`, `msisdn`: the line that a row is about."""
        fault_id = pl.Series(FAULT, ids, dtype=pl.Int64)
        if fault_id.is_empty():
            return
        values = {
            "kind": kind,
            "key": key,
            "original": original,
            "injected": injected,
            "amount_units": units,
            "amount_charge": charge,
            "user_id": user_id,
            "msisdn": msisdn,
        }
        columns = [
            (value if isinstance(value, pl.Series) else pl.Series([value] * len(fault_id)))
            .cast(_ENTRY[name])
            .alias(name)
            for name, value in values.items()
        ]
        self._new_entries.append(pl.DataFrame([fault_id, *columns]))

    def place(
        self,
        ids: pl.Series,
        *,
        system: str,
        table: str,
        data_date: date,
        redo: int,
        file: str | None,
        row_no: pl.Series | None,
        delivered_at: datetime | None,
    ) -> None:
        """Where faults came to lie; without `row_no` they concern the whole file.

        Troubles of the operator's life have a table and a day but no file and no delivery.
        """
        if ids.is_empty():
            return
        rows = (
            row_no.cast(pl.Int64)
            if row_no is not None
            else pl.Series([None], dtype=pl.Int64).new_from_index(0, len(ids))
        )
        delivered_on = delivered_at.date() if delivered_at else None
        self._new_places.append((ids, rows, (system, table, data_date, redo, file, delivered_on)))

    def flush(self) -> None:
        """Write the faults whose place is known; the others wait (late rows, above all)."""
        if not self._new_places:
            return
        self._entries = pl.concat([self._entries, *self._new_entries])
        places = self._gathered_places()
        self._new_entries, self._new_places = [], []
        expected = pl.col("kind").replace_strict({kind: fault.expected for kind, fault in catalogue().items()})
        done = self._entries.join(places, on=FAULT).sort(FAULT).with_columns(expected=expected).select(_LEDGER)
        self._entries = self._entries.join(places, on=FAULT, how="anti")
        self._file.write_table(done.to_arrow().cast(self._file.schema))
        self.written += done.height

    def _gathered_places(self) -> pl.DataFrame:
        """One row per placed fault: what is common to the faults of a file is repeated for each of them."""
        ids, rows, common = zip(*self._new_places, strict=True)
        of_file = pl.DataFrame(list(common), schema=_COMMON, orient="row")
        repeated = of_file[np.repeat(np.arange(len(common)), [len(one) for one in ids])]
        return repeated.with_columns(pl.concat(ids).cast(pl.Int64).alias(FAULT), pl.concat(rows).alias("row_no"))
