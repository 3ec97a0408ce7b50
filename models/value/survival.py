"""How long customers with a contract stay: Kaplan-Meier over whole periods, its error, the mean within a limit.

A customer may come under observation late (`entry` above 0): he counts as at risk from then on only, since who left
before is in no list. Periods are months or days, as the caller counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Curve:
    """By period 1, 2, ...: at risk, lost, hazard, the share that survives its end, and that share's standard error."""

    period: np.ndarray
    at_risk: np.ndarray
    lost: np.ndarray
    hazard: np.ndarray
    survival: np.ndarray
    standard_error: np.ndarray


def kaplan_meier(duration: np.ndarray, has_left: np.ndarray, entry: np.ndarray | None = None) -> Curve:
    """The curve of integer durations; who leaves in a period was at risk in it, who is censored in it was too.

    Raises:
        ValueError: a duration is not a whole number above its entry.
    """
    import numpy as np

    duration = np.asarray(duration)
    entry = np.zeros_like(duration) if entry is None else np.asarray(entry)
    if len(duration) == 0 or (duration <= entry).any() or (entry < 0).any() or (duration % 1 != 0).any():
        raise ValueError("durations must be whole periods, each above its entry, and at least one")
    last = int(duration.max())
    leaving = np.bincount(duration[np.asarray(has_left, dtype=bool)].astype(int), minlength=last + 1)[1:]
    gone = np.bincount(duration.astype(int), minlength=last + 1)[1:]
    come = np.bincount(entry.astype(int), minlength=last + 1)[:last]
    at_risk = np.cumsum(come) - np.concatenate([[0], np.cumsum(gone)[:-1]])
    hazard = leaving / np.maximum(at_risk, 1)
    survival = np.cumprod(1 - hazard)
    # Greenwood; where all at risk leave, nothing survives and there is no error to tell.
    left = at_risk - leaving
    terms = np.where((at_risk > 0) & (left > 0), leaving / np.maximum(at_risk * left, 1), 0.0)
    error = survival * np.sqrt(np.cumsum(terms))
    return Curve(np.arange(1, last + 1), at_risk, leaving, hazard, survival, error)


def restricted_mean(curve: Curve, periods: int) -> float:
    """Mean periods stayed within the first `periods`; a curve that ends earlier stays where it ended."""
    import numpy as np

    held = np.concatenate([[1.0], curve.survival])[:periods]
    return float(held.sum() + held[-1] * max(0, periods - len(held)))


def discounted(curve: Curve, periods: int, rate: float, *, since: int = 0) -> float:
    """Worth of one per period, paid at its end by who survives it, to a customer who has stayed `since` periods.

    `rate` is per period. Beyond the end of the curve nobody is taken to leave any more: a limit within it is honest.
    """
    import numpy as np

    survival = np.concatenate([[1.0], curve.survival])
    ahead = survival[np.minimum(since + np.arange(1, periods + 1), len(survival) - 1)]
    start = survival[min(since, len(survival) - 1)]
    return float(np.sum(ahead / start / (1 + rate) ** np.arange(1, periods + 1))) if start > 0 else 0.0
