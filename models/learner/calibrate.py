"""From scores to probabilities: the map that the out-of-fold scores of the training rows ask for."""

from __future__ import annotations

from typing import Any

import numpy as np

ENOUGH_FOR_BETA = 200  # rows of the rarer class; below, a line through the log-odds has all that can be told
ENOUGH_FOR_STEPS = 2_000
BOUND = 30.0


def sigmoid(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logit, -BOUND, BOUND)))


def log_loss(label: np.ndarray, logit: np.ndarray) -> np.ndarray:
    """By row."""
    return np.logaddexp(0, np.where(label > 0, -logit, logit))


def apply(calibration: dict[str, Any], logit: np.ndarray) -> np.ndarray:
    """Calibrated log-odds, shifted to the share of leavers that is true outside the training rows."""
    match calibration["kind"]:
        case "line":
            made = calibration["slope"] * logit + calibration["base"]
        case "beta":
            made = calibration["rise"] * -np.logaddexp(0, -logit) + calibration["fall"] * np.logaddexp(0, logit)
            made = made + calibration["base"]
        case "steps":
            made = np.interp(logit, calibration["at"], calibration["to"])
            # Beyond the last step the order of rows is kept.
            edge = np.clip(logit, calibration["at"][0], calibration["at"][-1])
            made = made + 0.5 * (logit - edge)
        case kind:
            raise ValueError(f"no calibration is called {kind}")
    return made + calibration.get("shift", 0.0)


def fit(logit: np.ndarray, label: np.ndarray, groups: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """The calibration and the calibrated log-odds of these rows, each by a map that its own part had no share in."""
    rarer = min(label.sum(), len(label) - label.sum())
    kinds = ["line"]
    if rarer >= ENOUGH_FOR_BETA:
        kinds.append("beta")
    if rarer >= ENOUGH_FOR_STEPS:
        kinds.append("steps")
    if rarer < 5:
        return {"kind": "line", "slope": 1.0, "base": 0.0}, logit.copy()
    parts = groups % 5
    crossed = {kind: np.empty(len(logit)) for kind in kinds}
    for part in np.unique(parts):
        inside = parts == part
        for kind, made in crossed.items():
            made[inside] = apply(_fit(kind, logit[~inside], label[~inside]), logit[inside])
    losses = {kind: float(log_loss(label, made).mean()) for kind, made in crossed.items()}
    kind = min(losses, key=lambda name: (losses[name], kinds.index(name)))
    return _fit(kind, logit, label), crossed[kind]


def _fit(kind: str, logit: np.ndarray, label: np.ndarray) -> dict[str, Any]:
    if kind == "steps":
        return _steps(logit, label)
    if kind == "beta":
        columns = np.column_stack([-np.logaddexp(0, -logit), np.logaddexp(0, logit)])
        rise, fall, base = newton(columns, label, np.array([1.0, 1.0]))
        if rise > 0 and fall > 0:
            return {"kind": "beta", "rise": rise, "fall": fall, "base": base}
    slope, base = newton(logit[:, None], label, np.array([1.0]))
    return {"kind": "line", "slope": max(slope, 0.02), "base": base}


def newton(columns: np.ndarray, label: np.ndarray, start: np.ndarray, ridge: float = 1.0) -> list[float]:
    """Logistic regression of few columns, shrunk a little towards `start`; the intercept comes last."""
    inputs = np.column_stack([columns, np.ones(len(columns))])
    toward = np.append(start, 0.0)
    weight = toward.copy()
    penalty = np.append(np.full(len(start), ridge), 1e-6)
    target = np.where(label > 0, 1 - 1 / (label.sum() + 2), 1 / (len(label) - label.sum() + 2))
    for _ in range(50):
        chance = sigmoid(inputs @ weight)
        slope = inputs.T @ (chance - target) + penalty * (weight - toward)
        bend = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        weight -= np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return [float(value) for value in weight]


def _steps(logit: np.ndarray, label: np.ndarray) -> dict[str, Any]:
    """Isotonic regression, joined by lines between the middles of its steps so that it makes few ties."""
    from sklearn.isotonic import IsotonicRegression

    order = np.argsort(logit, kind="stable")
    ordered = logit[order]
    rates = IsotonicRegression(y_min=1e-5, y_max=1 - 1e-5).fit_transform(ordered, label[order])
    begins = np.flatnonzero(np.r_[True, np.diff(rates) > 0])
    ends = np.r_[begins[1:], len(rates)]
    rows = ends - begins
    middle = np.add.reduceat(ordered, begins) / rows
    # A step of few rows is moved towards its neighbours' share: 0 or 1 of ten rows is no certainty.
    share = (rates[begins] * rows + label.mean()) / (rows + 1)
    at, to = middle, np.maximum.accumulate(np.log(share / (1 - share)))
    keep = np.r_[True, np.diff(at) > 1e-9]
    return {"kind": "steps", "at": at[keep].tolist(), "to": to[keep].tolist()}


def prior_shift(share: float, prior: float) -> float:
    """What the log-odds of a sample with this share of leavers must be moved by where the share is `prior`."""
    return float(np.log(prior / (1 - prior)) - np.log(share / (1 - share)))
