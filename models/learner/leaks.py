"""Columns that know the outcome: too good alone, filled for leavers only, or dated after the observation.

A column is named with what was measured, and left out unless somebody who knows better keeps it. What is merely strong
is kept; above `watch_auc` it is named as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from models.learner import encode
from models.learner.evaluate import auc
from models.learner.prepare import FIRST, MISSING, Feature
from models.learner.settings import Leaks

CUTS = 32
LOOKED_AT = 200_000  # rows at most
MODAL = 0.5  # share of rows that one value must have for "only leavers have another one" to mean anything
CHANCE = 1e-9  # probability below which a pure group is no accident


@dataclass(frozen=True)
class Suspect:
    """A column that may know the outcome, and how it shows."""

    column: str
    rule: Literal["predicts alone", "only leavers", "dated after", "strong"]
    found: str
    measured: float

    @property
    def is_leak(self) -> bool:
        return self.rule != "strong"

    def told(self) -> dict[str, Any]:
        return {**asdict(self), "is_leak": self.is_leak}


def suspects(
    features: tuple[Feature, ...], matrix: np.ndarray, label: np.ndarray, parts: np.ndarray, settings: Leaks,
    times: np.ndarray | None = None,
) -> list[Suspect]:  # fmt: skip
    """What stands out; one entry per column, the gravest."""
    every = slice(None, None, max(1, len(label) // LOOKED_AT))  # rows come in the order of a hash: a fair sample
    matrix, label, parts = matrix[every], label[every], parts[every]
    times = None if times is None else times[every]
    if not 0 < label.sum() < len(label):
        return []
    found = []
    for at, feature in enumerate(features):
        column = matrix[:, at]
        suspect = (
            _dated_after(feature, column, times, settings)
            or _only_leavers(feature, column, label, settings)
            or _alone(feature, column, label, parts, settings)
        )
        if suspect:
            found.append(suspect)
    return found


def _dated_after(feature: Feature, column: np.ndarray, times: np.ndarray | None, settings: Leaks) -> Suspect | None:
    if times is None or feature.kind != "date":
        return None
    both = ~np.isnan(column) & ~np.isnan(times)
    # A float holds a day of our time to some minutes.
    later = both & (column > np.floor(times) + 1.01)
    share = later.sum() / max(both.sum(), 1)
    if share <= settings.dated_after:
        return None
    found = f"{later.sum():,} of {both.sum():,} dates lie after the observation time"
    return Suspect(feature.name, "dated after", found, round(float(share), 6))


def _only_leavers(feature: Feature, column: np.ndarray, label: np.ndarray, settings: Leaks) -> Suspect | None:
    """Rows that are filled, or missing, or not at the usual value, or at one level, and are nearly all leavers."""
    missing = column == MISSING if feature.kind == "category" else np.isnan(column)
    tried = [("filled", ~missing), ("missing", missing)] if missing.any() and not missing.all() else []
    present = column[~missing]
    if len(present):
        values, rows = np.unique(present, return_counts=True)
        usual = values[int(np.argmax(rows))]
        if rows.max() >= MODAL * len(column) and len(values) > 1:
            shown = _shown(feature, usual)
            tried.append((f"filled with another value than {shown}", ~missing & (column != usual)))
        if feature.kind == "category" and len(values) <= 200:
            tried += [(_shown(feature, value), column == value) for value in values]
    for words, rows_of in tried:
        held, left = int(rows_of.sum()), int(label[rows_of].sum())
        if left < max(settings.rows, settings.share * label.sum()) or left < settings.purity * held:
            continue
        if held * np.log(label.mean()) > np.log(CHANCE):
            continue
        found = f"{words} in {held:,} rows, {left:,} of them leavers ({left / label.sum():.1%} of all leavers)"
        return Suspect(feature.name, "only leavers", found, round(left / held, 6))
    return None


def _shown(feature: Feature, value: float) -> str:
    if feature.kind != "category":
        return f"{value:g}"
    return "a rare value" if value < FIRST else f"'{feature.levels[int(value) - FIRST]}'"


def _alone(
    feature: Feature, column: np.ndarray, label: np.ndarray, parts: np.ndarray, settings: Leaks
) -> Suspect | None:
    """How well the column alone ranks rows that it was not measured on."""
    if min(label.sum(), len(label) - label.sum()) < settings.rows:
        return None
    if feature.kind == "category":
        codes, size = column.astype(np.int64), FIRST + len(feature.levels)
    else:
        cuts = np.unique(np.nanquantile(column[:: max(1, len(column) // 100_000)], np.linspace(0, 1, CUTS + 1)[1:-1]))
        codes, size = np.where(np.isnan(column), 0, 1 + np.searchsorted(cuts, column, side="left")), len(cuts) + 2
    rank = auc(label, encode.fitted(codes, label, size, parts)[1])
    if rank <= settings.watch_auc:
        return None
    found = f"alone ranks leavers above stayers with AUC {rank:.3f}"
    return Suspect(feature.name, "predicts alone" if rank > settings.auc else "strong", found, round(rank, 6))
