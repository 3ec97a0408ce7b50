"""Why a score is what it is: the features that moved it most, in plain words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from models.learner.prepare import FIRST, MISSING, Feature

if TYPE_CHECKING:
    import pyarrow as pa

    from models.learner.fitted import Fitted

LEAST = 0.02  # log-odds below which a contribution is no reason


def contributions(fitted: Fitted, matrix: np.ndarray, threads: int = 1) -> np.ndarray:
    """What each feature adds to the log-odds, relative to the average row; the parts of a blend are added up."""
    made = np.zeros(matrix.shape)
    if fitted.additive is not None and fitted.weight < 1:
        made += (1 - fitted.weight) * fitted.additive.contributions(matrix)
    if fitted.boosted is not None and fitted.weight > 0:
        made += fitted.weight * fitted.boosted.contributions(matrix, threads)
    return made


def words(features: tuple[Feature, ...], matrix: np.ndarray, added: np.ndarray, count: int) -> list[pa.Array]:
    """A column of texts per reason, the weightiest first; null where nothing else matters."""
    import pyarrow as pa

    rows = np.arange(len(matrix))
    left = np.abs(added)
    told = []
    for _ in range(count):
        if not left.shape[1]:
            told.append(pa.nulls(len(matrix), pa.string()))
            continue
        most = np.argmax(left, axis=1)
        weight = left[rows, most]
        texts = np.empty(len(matrix), dtype=object)
        for at in np.unique(most):
            mine = np.flatnonzero((most == at) & (weight >= LEAST))
            if not len(mine):
                continue
            up = added[mine, at] > 0
            values, place = np.unique(matrix[mine, at], return_inverse=True)
            shown = np.array([value_words(features[at], value) for value in values], dtype=object)
            texts[mine] = shown[place] + np.where(up, ": raises risk", ": lowers risk").astype(object)
        told.append(pa.array(texts, pa.string()))
        left[rows, most] = 0
    return told


def value_words(feature: Feature, value: float) -> str:
    """A value as a sentence begins: 'Contract is Month-to-month', 'tenure is 2, low'."""
    name = feature.name
    if feature.kind == "category":
        if value == MISSING:
            return f"{name} is missing"
        return f"{name} is {feature.levels[int(value) - FIRST]}" if value >= FIRST else f"{name} is rare or new"
    if np.isnan(value):
        return f"{name} is missing"
    if feature.kind == "date":
        return f"{name} is {date(1970, 1, 1) + timedelta(days=int(np.clip(value, -700_000, 2_900_000)))}"
    shown = f"{value:,.0f}" if value == round(value) or abs(value) >= 10_000 else f"{value:.4g}"
    low, high = feature.quartiles or (value, value)
    place = ", low" if value < low else ", high" if value > high else ""
    return f"{name} is {shown}{place}"
