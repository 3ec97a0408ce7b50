"""What a list changed: lines to be contacted against lines left alone by lot, whoever was reached (intention to treat).

Arms are compared within strata and averaged with the weights of Mantel and Haenszel, so that a stratum with an unlucky
draw cannot pass for an effect. The interval is Newcombe's hybrid of Wilson intervals (Statistics in Medicine 17, 1998,
873-890, method 10) carried to strata as in Yan and Su (Statistics in Biopharmaceutical Research 2, 2010, 329-335): each
arm's weighted share at its effective number of lines. It holds with one control per stratum, where normal ones do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

Z = 1.959964  # standard errors either side that make 95 %
POOLED_MONTHS = 12
KEY = ("month_start", "list_type", "list_id", "horizon_days")
STRATUM = ("month_start", "list_type", "list_id", "decile", "value_band")


@dataclass(frozen=True)
class Effect:
    """Shares are of lines that stayed; `treated` and `controls` are the lines of strata that have both."""

    treated: int
    controls: int
    strata: int
    treated_share: float
    control_share: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        return self.treated_share - self.control_share

    @property
    def kept_share(self) -> float | None:
        """Of the lines that leave when left alone, the share that contact keeps; None when none leave."""
        left = round(1 - self.control_share, 9)  # a weighted share of ones is a hair off one
        return self.difference / left if left > 0 else None

    @property
    def error(self) -> float:
        """The interval's half width as a standard error."""
        return (self.high - self.low) / (2 * Z)


def wilson(share: float, lines: float, z: float = Z) -> tuple[float, float]:
    """Wilson's interval for a share among so many lines, which need not be a whole number."""
    middle = share + z * z / (2 * lines)
    half = z * float(np.sqrt(max(share * (1 - share), 0) / lines + z * z / (4 * lines * lines)))
    return (middle - half) / (1 + z * z / lines), (middle + half) / (1 + z * z / lines)


def stratified(
    treated: np.ndarray, treated_stayed: np.ndarray, controls: np.ndarray, controls_stayed: np.ndarray
) -> Effect | None:
    """The effect over strata; None when no stratum has lines of both arms."""
    both = (treated > 0) & (controls > 0)
    if not both.any():
        return None
    n1, x1, n0, x0 = (each[both].astype(np.float64) for each in (treated, treated_stayed, controls, controls_stayed))
    weight = n1 * n0 / (n1 + n0)
    weight /= weight.sum()
    p1, p0 = float((weight * x1 / n1).sum()), float((weight * x0 / n0).sum())
    low1, high1 = wilson(p1, 1 / float((weight**2 / n1).sum()))
    low0, high0 = wilson(p0, 1 / float((weight**2 / n0).sum()))
    low = p1 - p0 - float(np.hypot(p1 - low1, high0 - p0))
    high = p1 - p0 + float(np.hypot(high1 - p1, p0 - low0))
    return Effect(int(n1.sum()), int(n0.sum()), len(n1), p1, p0, low, high)


def of_arms(arms: pl.DataFrame) -> Effect | None:
    """The effect in a frame of arms: a row per stratum and `is_control`, with `lines` and `stayed`."""
    wide = (
        arms.group_by(STRATUM)
        .agg(
            *(
                pl.col(column).filter(pl.col("is_control") == is_control).sum().alias(f"{column}_{arm}")
                for column in ("lines", "stayed")
                for arm, is_control in (("treated", False), ("control", True))
            )
        )
        .sort(STRATUM, nulls_last=True)
    )
    columns = ("lines_treated", "stayed_treated", "lines_control", "stayed_control")
    return stratified(*(wide[column].to_numpy() for column in columns))


def apply(rows: pa.RecordBatchReader, fitted: Path) -> pa.Table:  # noqa: ARG001 - nothing fitted is needed
    """The rows of retention.effect_month: each list, and in each month the lists of the twelve months up to it."""
    arms = pl.DataFrame(rows.read_all())
    if arms.is_empty():
        return pl.DataFrame(schema=SCHEMA).to_arrow()
    told = [_row(key, each) for key, each in _groups(arms)]
    return pl.DataFrame(told, schema=SCHEMA, orient="row").sort(KEY).to_arrow()


SCHEMA = {
    "month_start": pl.Date, "list_type": pl.String, "list_id": pl.String, "horizon_days": pl.Int32,
    "treated": pl.Int64, "controls": pl.Int64, "contacted_treated": pl.Int64, "contacted_controls": pl.Int64,
    "accepted": pl.Int64, "stayed_treated": pl.Int64, "stayed_controls": pl.Int64, "compared_treated": pl.Int64,
    "compared_controls": pl.Int64, "strata": pl.Int64, "difference": pl.Float64, "difference_low": pl.Float64,
    "difference_high": pl.Float64, "kept_share": pl.Float64, "kept_lines": pl.Float64,
}  # fmt: skip


def _groups(arms: pl.DataFrame) -> Iterator[tuple[tuple[object, ...], pl.DataFrame]]:
    yield from arms.group_by(KEY, maintain_order=True)
    # A line that is on the next list too would be the same line staying or leaving twice, and make intervals too short.
    # Being on a list before says nothing about the lot of this one.
    judged = arms.filter(pl.col("stayed").is_not_null() & pl.col("is_apart"))
    for month, kind, days in judged.select("month_start", "list_type", "horizon_days").unique().iter_rows():
        since = pl.lit(month).dt.offset_by(f"-{POOLED_MONTHS - 1}mo")
        alike = (pl.col("list_type") == kind) & (pl.col("horizon_days") == days)
        yield (month, kind, "all", days), judged.filter(alike & pl.col("month_start").is_between(since, month))


def _row(key: tuple[object, ...], arms: pl.DataFrame) -> tuple[object, ...]:
    def total(column: str, is_control: bool) -> int | None:
        found = arms.filter(pl.col("is_control") == is_control)[column]
        return None if found.null_count() else int(found.sum())

    found = None if arms["stayed"].null_count() else of_arms(arms)
    treated = total("lines", False)
    estimate = (
        (found.treated, found.controls, found.strata, found.difference, found.low, found.high, found.kept_share)
        if found
        else (None,) * 7
    )
    kept = found.difference * (treated or 0) if found else None
    return (
        *key, treated, total("lines", True), total("contacted", False), total("contacted", True),
        total("accepted", False), total("stayed", False), total("stayed", True), *estimate, kept,
    )  # fmt: skip
