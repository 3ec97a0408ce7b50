"""The riskiest rows of a stream with all that is needed to explain them, so that no table is read twice for it."""

from __future__ import annotations

from threading import Lock

import numpy as np


class Riskiest:
    """At most `most` rows of the highest scores, equal ones by their row; batches are offered in any order.

    With `held`, row numbers and other scores for them, these decide.
    """

    def __init__(self, most: int, held: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        self._most, self._lock = most, Lock()
        self._held = None
        if held is not None and len(held[0]):
            order = np.argsort(held[0])
            self._held = (held[0][order], held[1][order])
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._floor, self._kept = -np.inf, 0

    def offer(self, rows: np.ndarray, scores: np.ndarray, matrix: np.ndarray) -> None:
        if self._held is not None:
            known, other = self._held
            place = np.minimum(np.searchsorted(known, rows), len(known) - 1)
            scores = np.where(known[place] == rows, other[place], scores)
        high = scores >= self._floor
        part = (rows[high], scores[high], matrix[high])
        with self._lock:
            self._parts.append(part)
            self._kept += len(part[0])
            if self._kept >= 2 * self._most:
                self._prune()

    def _prune(self) -> None:
        rows, scores, matrix = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        best = np.lexsort((rows, -scores))[: self._most]
        best = best[np.argsort(rows[best])]
        self._parts = [(rows[best], scores[best], matrix[best])]
        self._kept = len(best)
        if self._kept == self._most:
            self._floor = self._parts[0][1].min()

    def found(self) -> tuple[np.ndarray, np.ndarray]:
        """Row numbers, ascending, and the matrix of these rows."""
        if not self._parts:
            return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        self._prune()
        rows, _, matrix = self._parts[0]
        return rows, matrix
