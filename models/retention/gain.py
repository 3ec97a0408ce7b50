"""How well a ranking finds the lines that contact moves, on rows of an experiment: Qini and maximum profit uplift.

Qini: Radcliffe, Direct Marketing Analytics Journal 1, 2007, 14-21. Maximum profit uplift: Devriendt, Berrevoets and
Verbeke, Information Sciences 548, 2021, 497-515. Both are of rows that the ranking was not learnt from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REPEATS = 100


@dataclass(frozen=True)
class Experiment:
    """Rows of a random experiment. `outcome` is 1 where what is wanted happened, `value` what that is worth."""

    treated: np.ndarray
    outcome: np.ndarray
    value: np.ndarray
    cost: float

    def best_first(self, score: np.ndarray) -> np.ndarray:
        """Positions by falling score; equal scores in an order that has nothing to do with what happened."""
        lot = np.random.default_rng(0).permutation(len(score))
        return np.lexsort((lot, -score))


def qini(experiment: Experiment, order: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Area between the ranking's curve of outcomes gained and that of chance, per line of the treated arm."""
    times = np.ones(len(order)) if weight is None else weight[order]
    treated = experiment.treated[order] * times
    control = (1 - experiment.treated[order]) * times
    outcome = experiment.outcome[order]
    n1, n0 = np.cumsum(treated), np.cumsum(control)
    gained = np.cumsum(outcome * treated) - np.cumsum(outcome * control) * n1 / np.maximum(n0, 1e-9)
    gained = np.where(n0 > 0, gained, 0.0) / n1[-1]
    share = np.cumsum(times) / times.sum()
    return float(np.average(gained - share * gained[-1], weights=np.maximum(times, 1e-12)))


@dataclass(frozen=True)
class Profit:
    """The highest profit per line of the base that some share of the ranking brings; none pays when the share is 0."""

    per_line: float
    share: float


def maximum_profit(experiment: Experiment, order: np.ndarray) -> Profit:
    treated = experiment.treated[order]
    earned = experiment.outcome[order] * experiment.value[order]
    gained = np.cumsum(earned * treated) / treated.sum() - np.cumsum(earned * (1 - treated)) / (1 - treated).sum()
    share = np.arange(1, len(order) + 1) / len(order)
    profit = np.concatenate([[0.0], gained - share * experiment.cost])
    best = int(np.argmax(profit))
    return Profit(float(profit[best]), best / len(order))


def errors(experiment: Experiment, orders: dict[str, np.ndarray], against: str) -> dict[str, tuple[float, float]]:
    """Standard errors by ranking, from bootstrap samples of the rows: of its Qini, and of its lead over another's."""
    rng = np.random.default_rng(1)
    drawn: dict[str, list[float]] = {name: [] for name in orders}
    for _ in range(REPEATS):
        weight = rng.poisson(1.0, len(experiment.treated)).astype(np.float64)
        for name, order in orders.items():
            drawn[name].append(qini(experiment, order, weight))
    other = np.array(drawn[against])
    return {name: (float(np.std(values)), float(np.std(np.array(values) - other))) for name, values in drawn.items()}
