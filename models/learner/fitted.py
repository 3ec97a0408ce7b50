"""The rows that a model is fitted on, and what fitting makes of them: all that scoring needs, whoever chose it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.learner import calibrate
from models.learner.additive import Additive
from models.learner.boosting import Boosted
from models.learner.prepare import Preparation

THREADS = min(os.cpu_count() or 1, 4)


@dataclass(frozen=True)
class Rows:
    """Training rows: their matrix, label, and the groups that folds keep together."""

    preparation: Preparation
    matrix: np.ndarray
    label: np.ndarray
    groups: np.ndarray
    times: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> Rows:
        groups = np.unique(self.groups[rows], return_inverse=True)[1]
        times = None if self.times is None else self.times[rows]
        return Rows(self.preparation, self.matrix[rows], self.label[rows], groups, times)

    @property
    def rarer(self) -> int:
        return int(min(self.label.sum(), len(self.label) - self.label.sum()))


@dataclass
class Fitted:
    """What is shipped, and what validation said. `held` are rows with log-odds from models that had not seen them."""

    champion: str
    additive: Additive | None
    boosted: Boosted | None
    weight: float
    calibration: dict[str, Any]
    held: np.ndarray
    held_logit: np.ndarray
    report: dict[str, Any] = field(default_factory=dict)

    def raw(self, matrix: np.ndarray, threads: int = 1) -> np.ndarray:
        """Log-odds before calibration; `weight` is the share of boosting."""
        made = np.zeros(len(matrix))
        if self.additive is not None and self.weight < 1:
            made += (1 - self.weight) * self.additive.logit(matrix)
        if self.boosted is not None and self.weight > 0:
            made += self.weight * self.boosted.logit(matrix, threads)
        return made

    def logit(self, matrix: np.ndarray, threads: int = 1) -> np.ndarray:
        return calibrate.apply(self.calibration, self.raw(matrix, threads))
