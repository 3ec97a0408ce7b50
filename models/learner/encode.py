"""Categories of many levels as one number: how far the leavers' share of a level is to be believed.

Empirical Bayes: the variance between levels beyond chance is estimated from the levels themselves, and each level's
share is shrunk towards the common one accordingly. Of a column of pure noise nothing remains, whatever its levels.
In training a row is encoded from the other parts of the data, never from its own label.
"""

from __future__ import annotations

import numpy as np

PARTS = 5
BELIEF = 1.0  # standard errors by which levels must differ more than by chance before any difference is believed


def encoding(codes: np.ndarray, label: np.ndarray, levels: int) -> np.ndarray:
    """Log-odds by level, relative to the common ones; unseen levels are 0."""
    rows = np.bincount(codes, minlength=levels).astype(float)
    left = np.bincount(codes, weights=label, minlength=levels)
    total, share = rows.sum(), (label.sum() + 0.5) / (len(label) + 1)
    held = rows > 0
    chance = share * (1 - share)
    spread = (rows[held] * (left[held] / rows[held] - share) ** 2).sum()
    freedom = max(held.sum() - 1, 1)
    beyond = spread - freedom * chance
    if beyond <= BELIEF * chance * np.sqrt(2 * freedom):
        return np.zeros(levels)
    between = max(beyond / max(total - (rows**2).sum() / total, 1e-9), 1e-9)
    weight = max(chance / between - 1, 0.5)
    shrunk = np.clip((left + weight * share) / (rows + weight), 1e-6, 1 - 1e-6)
    made = np.log(shrunk / (1 - shrunk)) - np.log(share / (1 - share))
    return np.where(held, made, 0.0)


def fitted(codes: np.ndarray, label: np.ndarray, levels: int, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The encoding of all rows by level, and the values for these rows, each from the parts it is not in."""
    values = np.zeros(len(codes))
    for part in range(PARTS):
        inside = parts == part
        values[inside] = encoding(codes[~inside], label[~inside], levels)[codes[inside]]
    return encoding(codes, label, levels), values
