"""BG/NBD (Fader, Hardie and Lee 2005): how often customers without a contract buy, and whether they still do.

While alive a customer buys at a rate that is Gamma(r, alpha) over customers; after each purchase he leaves with a
probability that is Beta(a, b). `frequency` is the number of repeat purchases x, `recency` the time from the first to
the last purchase t_x, `age` the time from the first purchase to the end of observation T, in one unit of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.value.likelihood import Estimate, FitError, maximise

if TYPE_CHECKING:
    import numpy as np

NAMES = ("r", "alpha", "a", "b")
LEAST_REPEATERS = 10
SHAPES = ((0.3, 0.8, 2.5), (1.0, 0.3, 1.5), (3.0, 0.1, 3.0), (0.7, 3.0, 10.0))  # starts of r, a and b
NODES = 201
REACH = 40.0  # of the quadrature: where a tail that falls as exp(-y) is below 1e-17
WIDEST = 1.5  # of the logit of p, near its mean
ROWS = 20_000  # that the quadrature works on at a time


def fit(frequency: np.ndarray, recency: np.ndarray, age: np.ndarray) -> Estimate:
    """Parameters by maximum likelihood; customers of the same history are counted once, with their number.

    Raises:
        FitError: the histories contradict themselves, or too few customers bought again.
    """
    import numpy as np

    check(frequency, recency, age)
    repeaters = int((frequency > 0).sum())
    if repeaters < LEAST_REPEATERS:
        raise FitError(
            f"{repeaters} of {len(frequency)} customers bought again; at least {LEAST_REPEATERS} are needed to tell "
            "how often they do"
        )
    histories, count = np.unique(np.column_stack([frequency, recency, age]), axis=0, return_counts=True)
    x, t_x, big_t = histories.T
    scale = float(np.mean(age)) or 1.0  # in units of the mean age the four parameters are of one size
    rate = float(np.mean(frequency)) / float(np.mean(age) / scale)
    estimate = maximise(
        _objective(x, t_x / scale, big_t / scale, count),
        NAMES,
        [(r, r / rate, a, b) for r, a, b in SHAPES],
        len(frequency),
    )
    # A density in t_x has a unit: each repeat purchase brings one factor of the scale.
    at = estimate.parameters | {"alpha": estimate["alpha"] * scale}
    error = estimate.standard_errors["alpha"]
    errors = estimate.standard_errors | {"alpha": None if error is None else error * scale}
    likelihood = estimate.log_likelihood - float(np.sum(frequency)) * float(np.log(scale))
    return Estimate(
        at, errors, likelihood, estimate.customers, estimate.starts, estimate.starts_agreeing, estimate.told
    )


def check(frequency: np.ndarray, recency: np.ndarray, age: np.ndarray) -> None:
    """Raises FitError for histories that cannot be."""
    import numpy as np

    for name, values in (("frequency", frequency), ("recency", recency), ("age", age)):
        if not np.isfinite(values).all() or (values < 0).any():
            raise FitError(f"{name} has values below zero or missing; expected numbers from 0 on")
    if (recency > age).any():
        raise FitError("some last purchases lie after the end of observation; recency must not exceed age")
    if ((frequency == 0) != (recency == 0)).any():
        raise FitError("recency must be 0 for customers without a repeat purchase, and above 0 for others")


def log_likelihood(parameters: Estimate, frequency: np.ndarray, recency: np.ndarray, age: np.ndarray) -> float:
    """Of the histories under given parameters."""
    import numpy as np

    logs = np.log([parameters[name] for name in NAMES])
    return _objective(frequency, recency, age, np.ones(len(frequency)))(logs)[0] * len(frequency)


def _objective(x: np.ndarray, t_x: np.ndarray, age: np.ndarray, count: np.ndarray):  # noqa: ANN202
    """Mean log-likelihood and gradient. Gamma functions are taken once per distinct x, logarithms once per row."""
    import numpy as np
    from scipy.special import digamma, gammaln

    times, which = np.unique(x, return_inverse=True)
    weight = np.bincount(which, weights=count)
    bought = x > 0
    total = count.sum()

    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        r, alpha, a, b = np.exp(logs)
        by_x = (
            gammaln(r + times) - gammaln(r)
            + gammaln(a + b) + gammaln(b + times) - gammaln(b) - gammaln(a + b + times)
        )  # fmt: skip
        log_age, log_last = np.log(alpha + age), np.log(alpha + t_x)
        alive = -(r + x) * log_age
        safe = np.maximum(b + x - 1, b)  # b + x - 1 where x > 0; rows without purchase have no such term
        gone = np.where(bought, np.log(a) - np.log(safe) - (r + x) * log_last, -np.inf)
        either = np.logaddexp(alive, gone)
        value = r * np.log(alpha) * total + np.sum(weight * by_x) + np.sum(count * either)
        is_alive, is_gone = count * np.exp(alive - either), count * np.exp(gone - either)
        psi = digamma(a + b) - digamma(a + b + times)
        of_r = (
            np.log(alpha) * total + np.sum(weight * (digamma(r + times) - digamma(r)))
            - np.sum(is_alive * log_age) - np.sum(is_gone * log_last)
        )  # fmt: skip
        of_alpha = r / alpha * total - np.sum((r + x) * (is_alive / (alpha + age) + is_gone / (alpha + t_x)))
        of_a = np.sum(weight * psi) + np.sum(is_gone) / a
        of_b = np.sum(weight * (psi + digamma(b + times) - digamma(b))) - np.sum(is_gone / safe)
        return value / total, np.array([of_r * r, of_alpha * alpha, of_a * a, of_b * b]) / total

    return objective


def alive(parameters: Estimate, frequency: np.ndarray, recency: np.ndarray, age: np.ndarray) -> np.ndarray:
    """P(alive) at the end of observation; 1 for who never bought again, as the model has it."""
    import numpy as np

    r, alpha, a, b = (parameters[name] for name in NAMES)
    log_odds = (
        np.log(a) - np.log(np.maximum(b + frequency - 1, b))
        + (r + frequency) * (np.log(alpha + age) - np.log(alpha + recency))
    )  # fmt: skip
    return np.where(frequency > 0, 1 / (1 + np.exp(np.minimum(log_odds, 700))), 1.0)


def expected(
    parameters: Estimate, ahead: float, frequency: np.ndarray, recency: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Purchases expected in the time `ahead` after the end of observation, given the history."""
    import numpy as np

    pairs, back = np.unique(np.column_stack([frequency, age]), axis=0, return_inverse=True)
    if_alive = np.concatenate([
        _if_alive(parameters, ahead, part[:, 0], part[:, 1])
        for part in np.array_split(pairs, max(1, -(-len(pairs) // ROWS)))
    ])  # fmt: skip
    return if_alive[back] * alive(parameters, frequency, recency, age)


def expected_of_new(parameters: Estimate, ahead: np.ndarray) -> np.ndarray:
    """Repeat purchases expected of somebody who has just bought for the first time, by the time since."""
    import numpy as np

    zero = np.zeros(1)
    return np.array([_if_alive(parameters, float(time), zero, zero)[0] for time in ahead])


def _if_alive(parameters: Estimate, ahead: float, x: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Expected purchases of who is alive: the mean of (1 - (1 + p t / (alpha + T))^-(r + x)) / p, p ~ Beta(a, b + x).

    That is the published form with 2F1, which cancels or overflows for many purchases and has no value at a = 1.
    The integral over the logit of p has neither fault, and the trapezoidal rule gives it to eight digits or more.
    """
    import numpy as np
    from scipy.special import betaln, expit, log_expit, polygamma, psi

    r, alpha, a, b = (parameters[name] for name in NAMES)
    shape = b + x
    # Steps are small where p is about its mean, and grow as the tails fall, which is exponentially: slowly for small a.
    centre = psi(a + 1) - psi(shape)
    spread = np.sqrt(polygamma(1, a) + polygamma(1, shape))
    width = np.minimum(spread, WIDEST)
    lower = np.arcsinh(REACH * np.maximum(1 / a, spread) / width)
    upper = np.arcsinh(REACH * np.maximum(1 / shape, np.minimum(spread, 1.0)) / width)
    step = (lower + upper) / (NODES - 1)
    at = np.arange(NODES) * step[:, None] - lower[:, None]
    y = centre[:, None] + width[:, None] * np.sinh(at)
    log_density = a * log_expit(y) + shape[:, None] * log_expit(-y) - betaln(a, shape)[:, None]
    p = expit(y)
    bought = -np.expm1(-(r + x)[:, None] * np.log1p(p * (ahead / (alpha + age))[:, None]))
    # Where p is too small to divide by, the quotient is its limit.
    limit = ((r + x) * ahead / (alpha + age))[:, None]
    inner = np.where(p > 1e-300, bought / np.maximum(p, 1e-300), limit)
    slope = (width * step)[:, None] * np.cosh(at)
    return np.sum(np.exp(log_density) * inner * slope, axis=1)
