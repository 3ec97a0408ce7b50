"""Gamma-Gamma (Fader and Hardie 2013): what a customer spends per purchase, shrunk towards what all spend.

The purchases of a customer are Gamma(p, nu), nu is Gamma(q, v) over customers (v is written gamma in the note).
`purchases` is the number of purchases that `mean` averages: the repeat purchases, the first one left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.value.likelihood import Estimate, FitError, maximise

if TYPE_CHECKING:
    import numpy as np

NAMES = ("p", "q", "v")
LEAST_CUSTOMERS = 10
STARTS = ((1.0, 2.0), (6.0, 4.0), (0.5, 1.5), (20.0, 10.0))  # of p and q
RELATED = 0.2  # correlation of purchases and their mean above which the model's independence is doubted


def fit(purchases: np.ndarray, mean: np.ndarray) -> Estimate:
    """Parameters by maximum likelihood.

    Raises:
        FitError: too few customers, or none whose purchases differ from others'.
    """
    import numpy as np

    if not (np.isfinite(purchases).all() and np.isfinite(mean).all() and (purchases > 0).all() and (mean > 0).all()):
        raise FitError("purchases and their means must be numbers above zero")
    if len(mean) < LEAST_CUSTOMERS:
        raise FitError(
            f"{len(mean)} customers with repeat purchases above zero; at least {LEAST_CUSTOMERS} are needed to tell "
            "what they spend"
        )
    if mean.max() == mean.min():
        raise FitError(f"every customer spends {mean[0]:g} per purchase; there is nothing to estimate")
    scale = float(np.mean(mean))
    estimate = maximise(
        _objective(purchases, mean / scale), NAMES, [(p, q, max(q - 1, 0.5) / p) for p, q in STARTS], len(mean)
    )
    error = estimate.standard_errors["v"]
    told = list(estimate.told)
    if estimate["q"] <= 1:
        told.append("q is not above 1: the mean spend of all customers has no finite value, nor has that of a new one")
    related = float(np.corrcoef(purchases, mean)[0, 1]) if purchases.max() > purchases.min() else 0.0
    if abs(related) > RELATED:
        told.append(
            f"purchases and their mean amount are related (correlation {related:.2f}); the model says they are not"
        )
    return Estimate(
        estimate.parameters | {"v": estimate["v"] * scale},
        estimate.standard_errors | {"v": None if error is None else error * scale},
        estimate.log_likelihood - len(mean) * float(np.log(scale)),
        estimate.customers, estimate.starts, estimate.starts_agreeing, told,
    )  # fmt: skip


def log_likelihood(parameters: Estimate, purchases: np.ndarray, mean: np.ndarray) -> float:
    """Of the means under given parameters."""
    import numpy as np

    return _objective(purchases, mean)(np.log([parameters[name] for name in NAMES]))[0] * len(mean)


def _objective(x: np.ndarray, mean: np.ndarray):  # noqa: ANN202
    """Mean log-likelihood and gradient in the logarithms of the parameters."""
    import numpy as np
    from scipy.special import digamma, gammaln

    times, count = np.unique(x, return_counts=True)
    log_mean = np.log(mean)
    sum_log_mean, sum_x_log = np.sum(log_mean), np.sum(x * (log_mean + np.log(x)))
    total = len(mean)

    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, v = np.exp(logs)
        both = v + x * mean
        log_both = np.log(both)
        gamma = np.sum(count * (gammaln(p * times + q) - gammaln(p * times))) - total * gammaln(q)
        spread = np.sum((p * x + q) * log_both)
        value = gamma + total * q * np.log(v) + p * sum_x_log - sum_log_mean - spread
        psi = digamma(p * times + q)
        of_p = np.sum(count * times * (psi - digamma(p * times))) + sum_x_log - np.sum(x * log_both)
        of_q = np.sum(count * psi) - total * digamma(q) + total * np.log(v) - np.sum(log_both)
        of_v = total * q / v - np.sum((p * x + q) / both)
        return value / total, np.array([of_p * p, of_q * q, of_v * v]) / total

    return objective


def expected_mean(parameters: Estimate, purchases: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Mean spend per purchase expected of each customer; of who has none, that of all. NaN where q tells no mean."""
    import numpy as np

    p, q, v = (parameters[name] for name in NAMES)
    below = p * purchases + q - 1
    spent = np.where(purchases > 0, purchases * np.nan_to_num(mean), 0.0)
    return np.where(below > 0, p * (v + spent) / np.where(below > 0, below, 1.0), np.nan)
