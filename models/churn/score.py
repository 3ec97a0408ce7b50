"""Scores of lines at a month's end, by the model that was in force on that day; nights apply it, nobody fits here."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from models import versions
from models.learner import Model, load

REASONS = 3
SCORES = pa.schema(
    [
        ("month_start", pa.date32()), ("subscription_key", pa.int64()), ("version", pa.int32()),
        ("probability", pa.float64()), ("decile", pa.int8()),
        *((f"reason_{number}", pa.string()) for number in range(1, REASONS + 1)),
    ]
)  # fmt: skip


def apply(rows: pa.RecordBatchReader, fitted: Path) -> Iterator[pa.RecordBatch]:
    """One column in, `features`: rows of churn.feature_month, in any order. Months without a model have no scores."""
    if not versions.versions(fitted):
        return
    models: dict[date, tuple[int, Model] | None] = {}
    for batch in rows:
        lines = pa.RecordBatch.from_struct_array(batch.column(0))
        for month in lines["month_start"].unique().to_pylist():
            if month not in models:
                models[month] = in_force(fitted, versions.last_day(month))
            if (found := models[month]) is not None:
                inside = lines["month_start"].to_numpy(zero_copy_only=False) == np.datetime64(month)
                yield from of_month(lines.filter(pa.array(inside)), *found)


def in_force(fitted: Path, day: date) -> tuple[int, Model] | None:
    version = versions.in_force(fitted, day)
    return None if version is None else (version.number, load(version.folder))


def of_month(lines: pa.RecordBatch, number: int, model: Model) -> Iterator[pa.RecordBatch]:
    for scored in model.score(lines, reasons=REASONS, carry=("month_start",)):
        found = {
            "month_start": scored["month_start"],
            "subscription_key": scored["id"],
            "version": pa.array([number] * scored.num_rows, pa.int32()),
            "probability": pa.array(np.round(scored["score"].to_numpy(), 6)),
            "decile": scored["decile"],
        } | {f"reason_{place}": scored[f"reason_{place}"] for place in range(1, REASONS + 1)}
        yield pa.RecordBatch.from_arrays([found[field.name].cast(field.type) for field in SCORES], schema=SCORES)
