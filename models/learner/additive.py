"""Logistic regression as a sum of one curve per feature: straight or bent where the data ask for it.

A number is a chain of straight pieces between quantiles, a category one value per level (encoded, where it has many).
All weights are shrunk (L2), bends more than slopes. Fitted, a model is a table per feature: fast, and plain to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.learner import encode
from models.learner.prepare import FIRST, MISSING, Preparation

STRENGTHS = (0.003, 0.02, 0.1, 0.5, 2.0)
EDGE = 0.005  # of the rows lie beyond the outermost knots, where a curve is level
STEPS = 1_000  # more than it takes: weakly shrunk columns that say nearly the same need some eighty
EXACT = 250  # columns up to which Newton steps cost less than they save
RARE = 5  # rows below which a level has no column of its own


@dataclass(frozen=True)
class Shape:
    """How a candidate reads numbers: pieces per curve (1 is a straight line) and how freely they bend."""

    name: str
    pieces: int
    bend: float = 0.5


LINE = Shape("logistic", 1)


def curve(pieces: int, name: str = "additive") -> Shape:
    return Shape(name, pieces)


@dataclass
class Columns:
    """The design of a fit: a block of columns per feature, made from training rows only."""

    blocks: list[dict[str, Any]]

    @classmethod
    def of(
        cls, preparation: Preparation, matrix: np.ndarray, label: np.ndarray, parts: np.ndarray, shape: Shape,
        one_hot: int,
    ) -> tuple[Columns, np.ndarray]:  # fmt: skip
        """The design and its matrix over the training rows."""
        blocks, made = [], []
        for at, feature in enumerate(preparation.features):
            column = matrix[:, at]
            if feature.kind == "category" and len(feature.levels) > one_hot:
                size = FIRST + len(feature.levels)
                table, values = encode.fitted(column.astype(np.int64), label, size, parts)
                if not table.any():
                    continue
                block = {"kind": "encoded", "at": at, "table": table, "scale": 1.0}
                made.append(values[:, None])
            elif feature.kind == "category":
                block = _levels(at, column, FIRST + len(feature.levels))
                made.append(_design(block, column))
            else:
                block = _knots(at, column, shape)
                if block is None:
                    continue
                made.append(_design(block, column))
            blocks.append(block)
        return cls(blocks), np.concatenate(made, axis=1) if made else np.zeros((len(matrix), 0))

    def design(self, matrix: np.ndarray) -> np.ndarray:
        parts = [_design(block, matrix[:, block["at"]]) for block in self.blocks]
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(matrix), 0))


def _levels(at: int, column: np.ndarray, size: int) -> dict[str, Any]:
    rows = np.bincount(column.astype(np.int64), minlength=size)
    own = np.flatnonzero(rows >= min(RARE, max(len(column) // 20, 1)))
    return {"kind": "levels", "at": at, "own": own, "size": size, "mean": rows[own] / len(column)}


def _knots(at: int, column: np.ndarray, shape: Shape) -> dict[str, Any] | None:
    present = column[~np.isnan(column)].astype(float)
    if not len(present):
        return None
    low, high = np.quantile(present, [EDGE, 1 - EDGE])
    if low == high:
        low, high = present.min(), present.max()
    inner = np.quantile(present, np.linspace(0, 1, shape.pieces + 1)[1:-1]) if shape.pieces > 1 else np.array([])
    knots = np.unique(np.r_[low, inner[(inner > low) & (inner < high)], high])
    clipped = np.clip(present, knots[0], knots[-1])
    centre, spread = float(np.median(present)), float(clipped.std())
    holes = len(present) < len(column)
    if spread == 0 and not holes:
        return None
    # A skewed amount is compared by its logarithm, as the straight line is least wrong there.
    skewed = spread > 0 and knots[0] >= 0 and ((clipped - clipped.mean()) ** 3).mean() > 1.5 * spread**3
    scaled = np.log1p(clipped) if skewed else clipped
    return {
        "kind": "number", "at": at, "knots": knots, "centre": centre, "log": bool(skewed),
        "mean": float(scaled.mean()), "spread": float(scaled.std()) or 1.0, "holes": holes,
        "bend": shape.bend if shape.pieces > 1 else 0.0,
        "hole_share": 1 - len(present) / len(column),
    }  # fmt: skip


def _design(block: dict[str, Any], column: np.ndarray) -> np.ndarray:
    if block["kind"] == "encoded":
        return block["table"][column.astype(np.int64)][:, None]
    if block["kind"] == "levels":
        return (column[:, None] == block["own"][None, :]) - block["mean"]
    value = np.clip(
        np.where(np.isnan(column), block["centre"], column).astype(float), block["knots"][0], block["knots"][-1]
    )
    straight = np.log1p(value) if block["log"] else value
    parts = [((straight - block["mean"]) / block["spread"])[:, None]]
    knots = block["knots"]
    if block["bend"] and len(knots) > 2:
        place = np.clip(np.searchsorted(knots, value, side="right") - 1, 0, len(knots) - 2)
        share = (value - knots[place]) / (knots[place + 1] - knots[place])
        hats = np.zeros((len(value), len(knots)))
        rows = np.arange(len(value))
        hats[rows, place] = 1 - share
        hats[rows, place + 1] += share
        parts.append(hats * block["bend"] * 2)
    if block["holes"]:
        parts.append((np.isnan(column) - block["hole_share"])[:, None])
    return np.concatenate(parts, axis=1)


def widths(block: dict[str, Any]) -> int:
    if block["kind"] == "encoded":
        return 1
    if block["kind"] == "levels":
        return len(block["own"])
    return 1 + (len(block["knots"]) if block["bend"] and len(block["knots"]) > 2 else 0) + int(block["holes"])


def solve(design: np.ndarray, label: np.ndarray, strength: float, start: Any = None) -> Any:
    """scikit-learn's logistic regression: exact Newton steps while the columns are few."""
    from sklearn.linear_model import LogisticRegression

    few = design.shape[1] <= EXACT
    model = start or LogisticRegression(
        solver="newton-cholesky" if few else "lbfgs", max_iter=STEPS, tol=1e-5 if few else 1e-4, warm_start=True
    )
    model.C = strength
    return model.fit(design, label)


def path(
    preparation: Preparation, matrix: np.ndarray, label: np.ndarray, train: np.ndarray, valid: np.ndarray,
    parts: np.ndarray, shape: Shape, one_hot: int, strengths: tuple[float, ...],
) -> np.ndarray:  # fmt: skip
    """Log-odds of the validation rows, one column per strength of shrinking."""
    columns, design = Columns.of(preparation, matrix[train], label[train], parts[train], shape, one_hot)
    if not design.shape[1]:
        share = label[train].mean()
        return np.full((len(valid), len(strengths)), np.log(share / (1 - share)))
    held = columns.design(matrix[valid])
    found, model = [], None
    for strength in strengths:
        model = solve(design, label[train], strength, model)
        found.append(held @ model.coef_[0] + model.intercept_[0])
    return np.column_stack(found)


@dataclass(frozen=True)
class Additive:
    """A fitted sum of curves: per feature its knots or levels and what each adds to the log-odds, centred."""

    base: float
    curves: list[dict[str, Any]]

    @classmethod
    def fit(
        cls, preparation: Preparation, matrix: np.ndarray, label: np.ndarray, parts: np.ndarray, shape: Shape,
        one_hot: int, strength: float,
    ) -> Additive:  # fmt: skip
        columns, design = Columns.of(preparation, matrix, label, parts, shape, one_hot)
        if not design.shape[1]:
            share = (label.sum() + 0.5) / (len(label) + 1)
            return cls(float(np.log(share / (1 - share))), [])
        model = solve(design, label, strength)
        base, at, curves = float(model.intercept_[0]), 0, []
        for block in columns.blocks:
            weights = model.coef_[0][at : at + widths(block)]
            at += len(weights)
            table = _table(block, weights)
            told = _curve(table, matrix[:, block["at"]])
            mean = float(told.mean())
            base += mean
            curves.append({**table, "mean": mean})
        return cls(base, curves)

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """What each feature of the matrix adds for each row, relative to the average row of training."""
        made = np.zeros(matrix.shape)
        for table in self.curves:
            made[:, table["at"]] = _curve(table, matrix[:, table["at"]]) - table["mean"]
        return made

    def logit(self, matrix: np.ndarray) -> np.ndarray:
        made = np.full(len(matrix), self.base)
        for table in self.curves:
            made += _curve(table, matrix[:, table["at"]])
            made -= table["mean"]
        return made

    def told(self) -> dict[str, Any]:
        return {"base": self.base, "curves": self.curves}

    @classmethod
    def of(cls, told: dict[str, Any]) -> Additive:
        return cls(told["base"], told["curves"])


def _table(block: dict[str, Any], weights: np.ndarray) -> dict[str, Any]:
    """The curve of a block as numbers to look up; the straight part of a logarithm gets knots of its own."""
    if block["kind"] == "encoded":
        return {"at": block["at"], "levels": (block["table"] * weights[0]).tolist()}
    if block["kind"] == "levels":
        table = np.zeros(block["size"])
        table[block["own"]] = weights
        return {"at": block["at"], "levels": (table - weights @ block["mean"]).tolist()}
    knots = block["knots"]
    if block["log"]:
        between = np.expm1(np.linspace(np.log1p(knots[0]), np.log1p(knots[-1]), 33))
        knots = np.unique(np.r_[knots, between[1:-1]])
    shown = {**block, "holes": False}
    values = _design(shown, knots.astype(float)) @ weights[: widths(shown)]
    hole = 0.0
    if block["holes"]:
        values = values - weights[-1] * block["hole_share"]
        at_centre = _design(shown, np.array([block["centre"]])) @ weights[: widths(shown)]
        hole = float(at_centre[0] + weights[-1] * (1 - block["hole_share"]))
    else:
        hole = float((_design(shown, np.array([block["centre"]])) @ weights)[0])
    return {"at": block["at"], "knots": knots.tolist(), "values": values.tolist(), "missing": hole}


def _curve(table: dict[str, Any], column: np.ndarray) -> np.ndarray:
    if "levels" in table:
        return np.asarray(table["levels"])[column.astype(np.int64)]
    made = np.interp(column, table["knots"], table["values"])
    holes = np.isnan(column)
    if holes.any():
        made[holes] = table["missing"]
    return made


__all__ = ["LINE", "MISSING", "STRENGTHS", "Additive", "Shape", "curve", "path"]
