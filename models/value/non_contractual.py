"""What customers without a contract will buy and spend: both models fitted, applied and held against a holdout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.value import bgnbd, gamma_gamma
from models.value.likelihood import Estimate, FitError
from models.value.transactions import DAYS, Histories

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MONTH = 30.4375  # days, on average


@dataclass(frozen=True)
class Fitted:
    """Both models; `spend` is None without amounts, or where the amounts tell nothing, and `told` says why."""

    purchases: Estimate
    spend: Estimate | None
    told: list[str]


def fit(known: Histories) -> Fitted:
    """Both models on histories. Raises FitError when the histories cannot tell how often customers buy."""
    purchases = bgnbd.fit(known.frequency, known.recency, known.age)
    told = [*known.told, *(f"BG/NBD: {line}" for line in purchases.told)]
    again = known.frequency > 0
    paid = again & (known.mean > 0)
    if free := int(again.sum() - paid.sum()):
        told.append(f"{free:,} customers whose repeat purchases are all of amount zero left out of Gamma-Gamma")
    try:
        spend = gamma_gamma.fit(known.frequency[paid], known.mean[paid])
        told += [f"Gamma-Gamma: {line}" for line in spend.told]
    except FitError as error:
        spend = None
        told.append(f"Gamma-Gamma is not fitted: {error}")
    return Fitted(purchases, spend, told)


def life_time_value(
    fitted: Fitted, known: Histories, *, months: int, annual_rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Purchases expected in the months, and their discounted value, month by month; NaN where spend is not known."""
    import numpy as np

    history = known.frequency, known.recency, known.age
    month, before = MONTH / DAYS[known.unit], np.zeros(len(known.frequency))
    discounted = np.zeros(len(known.frequency))
    for number in range(1, months + 1):
        by_then = bgnbd.expected(fitted.purchases, number * month, *history)
        discounted += (by_then - before) / (1 + annual_rate) ** (number / 12)
        before = by_then
    return before, discounted * expected_mean(fitted, known)


def expected_mean(fitted: Fitted, known: Histories) -> np.ndarray:
    """Mean amount per purchase expected of each customer; NaN without a model of spend."""
    import numpy as np

    if fitted.spend is None:
        return np.full(len(known.frequency), np.nan)
    return gamma_gamma.expected_mean(fitted.spend, np.where(known.mean > 0, known.frequency, 0.0), known.mean)


def holdout_error(fitted: Fitted, known: Histories) -> dict[str, Any]:
    """How far what the models expected of the holdout is from what happened, beside the plainest guess.

    The guess is that every customer goes on at his own rate, with his own mean amount.
    """
    import numpy as np

    ahead = known.holdout_days / DAYS[known.unit]
    expected = bgnbd.expected(fitted.purchases, ahead, known.frequency, known.recency, known.age)
    rate = np.where(known.age > 0, known.frequency / np.maximum(known.age, 1e-9), 0.0) * ahead
    found: dict[str, Any] = {
        "days": known.holdout_days,
        "purchases": _error(expected, known.later) | {"mae_of_own_rate": _mae(rate, known.later)},
    }
    if fitted.spend is not None:
        spent, guess = expected * expected_mean(fitted, known), rate * np.nan_to_num(known.mean)
        if np.isfinite(spent).all():
            found["amount"] = _error(spent, known.later_spent) | {"mae_of_own_rate": _mae(guess, known.later_spent)}
    found["by_frequency"] = [
        {
            "frequency": f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}",
            "customers": int(inside.sum()),
            "expected": round(float(expected[inside].mean()), 4),
            "happened": round(float(known.later[inside].mean()), 4),
        }
        for low, high in ((0, 0), (1, 1), (2, 2), (3, 3), (4, 6), (7, None))
        if (inside := (known.frequency >= low) & (known.frequency <= (np.inf if high is None else high))).any()
    ]  # fmt: skip
    return found


def _error(expected: np.ndarray, happened: np.ndarray) -> dict[str, float | None]:
    import numpy as np

    total = float(happened.sum())
    varies = expected.std() > 0 and happened.std() > 0
    return {
        "expected": float(expected.sum()),
        "happened": total,
        "total_error_pct": 100 * (float(expected.sum()) - total) / total if total else None,
        "mae": _mae(expected, happened),
        "rmse": float(np.sqrt(np.mean((expected - happened) ** 2))),
        "correlation": float(np.corrcoef(expected, happened)[0, 1]) if varies else None,
    }


def _mae(expected: np.ndarray, happened: np.ndarray) -> float:
    import numpy as np

    return float(np.mean(np.abs(expected - happened)))


def scores(fitted: Fitted, known: Histories, *, ahead_days: float, months: int, annual_rate: float) -> pa.Table:
    """A row per customer: history, P(alive), purchases expected in the days ahead, mean amount, life time value."""
    import pyarrow as pa

    history = known.frequency, known.recency, known.age
    _, value = life_time_value(fitted, known, months=months, annual_rate=annual_rate)
    ahead = bgnbd.expected(fitted.purchases, ahead_days / DAYS[known.unit], *history)
    return pa.table({
        "customer": known.customer,
        "frequency": known.frequency.astype("int64"),
        "recency": known.recency, "age": known.age,
        "mean_amount": pa.array(known.mean, from_pandas=True),
        "p_alive": bgnbd.alive(fitted.purchases, *history).round(9),
        "expected_purchases": ahead.round(9),
        "expected_mean_amount": pa.array(expected_mean(fitted, known).round(6), from_pandas=True),
        "life_time_value": pa.array(value.round(6), from_pandas=True),
    })  # fmt: skip
