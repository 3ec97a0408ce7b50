"""Whether the world still looks as in training: population stability index, and the decay of scores over months."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from models.learner.evaluate import auc, calibration_error, lift
from models.learner.settings import Drift, settings_of

Verdict = Literal["steady", "watch", "alarm"]
BINS = 10
LEAST = 1e-4  # share that an empty bin counts as, so that one row in a new bin is no infinite drift


def psi(expected: np.ndarray, found: np.ndarray) -> float:
    """Population stability index of two counts or shares over the same bins."""
    before = np.maximum(np.asarray(expected, dtype=float) / max(np.sum(expected), 1e-12), LEAST)
    after = np.maximum(np.asarray(found, dtype=float) / max(np.sum(found), 1e-12), LEAST)
    return float(((after - before) * np.log(after / before)).sum())


def verdict(value: float, settings: Drift | None = None) -> Verdict:
    bounds = settings or settings_of().drift
    return "alarm" if value >= bounds.alarm else "watch" if value >= bounds.watch else "steady"


def cuts_of(values: np.ndarray, bins: int = BINS) -> list[float]:
    """Bounds of bins of equal size; equal values stay together."""
    present = values[~np.isnan(values)]
    if not len(present):
        return []
    return [float(cut) for cut in np.unique(np.quantile(present, np.linspace(0, 1, bins + 1)[1:-1]))]


def counts(values: np.ndarray, cuts: list[float]) -> np.ndarray:
    """Rows by bin; the last one holds what is missing."""
    holes = np.isnan(values)
    return np.r_[np.bincount(np.searchsorted(cuts, values[~holes], side="left"), minlength=len(cuts) + 1), holes.sum()]


def drift(
    expected: dict[str, Any], found: dict[str, np.ndarray], settings: Drift | None = None
) -> list[dict[str, Any]]:
    """By column its index and verdict, the worst first. `expected` holds cuts and counts as `profile` makes them."""
    told = []
    for name, known in expected.items():
        if name in found:
            value = psi(known["counts"], counts(np.asarray(found[name], dtype=float), known["cuts"]))
            told.append({"column": name, "psi": round(value, 6), "verdict": verdict(value, settings)})
    return sorted(told, key=lambda one: (-one["psi"], one["column"]))


def profile(columns: dict[str, np.ndarray], codes: dict[str, int]) -> dict[str, Any]:
    """What later data are compared with. `codes` names the columns that are codes, with their number."""
    made = {}
    for name, values in columns.items():
        values = np.asarray(values, dtype=float)
        cuts = [at + 0.5 for at in range(codes[name])] if name in codes else cuts_of(values)
        made[name] = {"cuts": cuts, "counts": counts(values, cuts).tolist()}
    return made


def decay(
    month: np.ndarray, score: np.ndarray, label: np.ndarray, settings: Drift | None = None
) -> list[dict[str, Any]]:
    """By month, in order: how good the scores still are, and how far they moved from those of the first month."""
    months = np.asarray(month)
    score, label = np.asarray(score, dtype=float), np.asarray(label, dtype=float)
    told: list[dict[str, Any]] = []
    known = np.unique(months)
    cuts = cuts_of(score[months == known[0]]) if len(known) else []
    for one in known:
        inside = months == one
        moved = psi(counts(score[months == known[0]], cuts), counts(score[inside], cuts))
        told.append({
            "month": str(one), "rows": int(inside.sum()), "leaver_share": float(label[inside].mean()),
            "auc": auc(label[inside], score[inside]), "top_decile_lift": lift(label[inside], score[inside]),
            "calibration_error": calibration_error(label[inside], score[inside]),
            "score_psi": round(moved, 6), "verdict": verdict(moved, settings),
        })  # fmt: skip
    return told
