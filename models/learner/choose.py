"""Chooses between the candidates by inner validation alone, and fits the one that is shipped.

Candidates are a logistic regression with straight lines, one with curves, gradient boosting, and a blend of both on the
log-odds. Settings are screened in one cross-validation; the best of each kind are compared in repeated ones, by log
loss. A single model is shipped only if it is better than the blend by more than a standard error of their difference:
the mean of two good models is never far from the better one.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.learner import additive, boosting, calibrate, folds
from models.learner.additive import Additive, Shape
from models.learner.boosting import Boosted, Expansion, Trees
from models.learner.encode import PARTS
from models.learner.fitted import THREADS, Fitted, Rows
from models.learner.folds import Fold
from models.learner.settings import Settings

SMALL_CELLS = 1_500_000  # up to that size all settings are screened, and the shipped booster is a mean of several
TREES, PATIENCE = 2500, 100
LARGE_TREES, LARGE_PATIENCE = 400, 25
BAGS = 6
FEW_FOR_DEPTH = 100  # rows of the rarer class below which deep trees are not even tried
HELD_ROWS = 100_000


def fit(rows: Rows, settings: Settings, say: Callable[[str], None] = lambda _: None) -> Fitted:
    """The chosen model over these rows."""
    from threadpoolctl import threadpool_limits

    # Folds run side by side; algebra that splits itself among the processors as well is ten times slower here.
    with threadpool_limits(1, user_api="blas"):
        return _fit(rows, settings, say)


def _fit(rows: Rows, settings: Settings, say: Callable[[str], None]) -> Fitted:
    large = is_large(rows, settings)
    tuning = rows.take(_some(rows, _most(rows, settings), seed=11)) if large else rows
    parts = _parts(tuning.groups)
    splits = _splits(tuning, settings)
    chosen = _compare(tuning, parts, splits, settings, say)
    if chosen.champion == "none":
        return _without_validation(rows, settings)
    if tuning is rows:
        return _ship_small(rows, chosen, parts, settings)
    return _ship_large(rows, chosen, settings, say)


def is_large(rows: Rows, settings: Settings) -> bool:
    """Whether candidates are compared on a sample and the shipped one is fitted on nearly all rows."""
    return len(rows.label) > _most(rows, settings)


def _most(rows: Rows, settings: Settings) -> int:
    return max(settings.sample.tuning_cells // max(rows.matrix.shape[1], 1), 2_000)


def _some(rows: Rows, most: int, seed: int) -> np.ndarray:
    """About `most` rows, whole groups, the same whatever the order."""
    number = int(rows.groups.max()) + 1
    share = np.random.default_rng(seed).random(number)
    return np.flatnonzero(share[rows.groups] < most / len(rows.groups))


def _parts(groups: np.ndarray) -> np.ndarray:
    return np.random.default_rng(7).integers(0, PARTS, int(groups.max()) + 1)[groups]


def _splits(rows: Rows, settings: Settings) -> list[list[Fold]]:
    """Folds by repeat of the validation."""
    large = rows.matrix.size > SMALL_CELLS
    if rows.times is not None:
        found = folds.forward(rows.times, rows.label, 3, settings.validation.gap_days)
        if found:
            return [found]
    count = min(3 if large else settings.validation.folds, rows.rarer)
    if count < 2 or rows.groups.max() < 1:
        return []
    repeats = 1 if large else settings.validation.repeats
    made = [folds.grouped(rows.groups, rows.label, count, seed) for seed in range(repeats)]
    return [one for one in made if len(one) >= 2]


@dataclass
class Choice:
    """Settings per kind, log-odds of rows that were held out, and the verdict."""

    champion: str
    shape: Shape = additive.LINE
    strength: float = 0.1
    trees: Trees | None = None
    rounds: int = 0
    weight: float = 0.0
    held: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    logits: dict[str, np.ndarray] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)


def _compare(
    rows: Rows, parts: np.ndarray, splits: list[list[Fold]], settings: Settings, say: Callable[[str], None]
) -> Choice:
    if not splits:
        return Choice("none")
    few = rows.rarer < settings.validation.few_positives
    one_hot = settings.columns.one_hot
    held = np.unique(np.concatenate([fold.valid for fold in splits[0]]))
    label = rows.label[held]

    def loss(logit: np.ndarray) -> float:
        return float(calibrate.log_loss(label, logit).mean())

    shapes = _shapes(rows, few)
    strengths = additive.STRENGTHS[:3] if few else additive.STRENGTHS
    if rows.matrix.size > SMALL_CELLS:
        strengths = additive.STRENGTHS[1:4]
    say(f"comparing on {len(rows.label):,} rows in {len(splits[0])} folds")
    part = _lines(rows, settings)
    linear: dict[tuple[Shape, float], np.ndarray] = {}
    for shape in shapes:
        crossed = _crossed(rows, splits[0], lambda train, valid, shape=shape: additive.path(
            rows.preparation, rows.matrix, rows.label, train[part[train]], valid, parts, shape, one_hot,
            strengths))  # fmt: skip
        for at, strength in enumerate(strengths):
            linear[shape, strength] = crossed[held, at]
    best = {shape: min(strengths, key=lambda strength, shape=shape: loss(linear[shape, strength])) for shape in shapes}
    shape = min(shapes, key=lambda one: loss(linear[one, best[one]]))
    logits = {one.name: [linear[one, best[one]]] for one in shapes}
    screened, trees, rounds = {}, None, 0
    if not few:
        screened = _screen(rows, parts, splits[0], one_hot, held)
        trees = min(screened, key=lambda one: loss(screened[one][1]))
        rounds = screened[trees][0]
        logits["boosting"] = [screened[trees][1]]
    for again in splits[1:]:
        for one in shapes:
            logits[one.name].append(_crossed(rows, again, lambda train, valid, one=one: additive.path(
                rows.preparation, rows.matrix, rows.label, train[part[train]], valid, parts, one, one_hot,
                (best[one],)))[held, 0])  # fmt: skip
        if trees is not None:
            logits["boosting"].append(_boosted(rows, parts, again, trees, one_hot, rounds)[1][held])
    means = {name: np.mean(found, axis=0) for name, found in logits.items()}
    weight = 0.0
    if trees is not None:
        weights = np.linspace(0, 1, 21)
        mixed = [loss((1 - w) * means[shape.name] + w * means["boosting"]) for w in weights]
        weight = float(np.clip(weights[int(np.argmin(mixed))], 0.1, 0.9))
        means["blend"] = (1 - weight) * means[shape.name] + weight * means["boosting"]
    champion, verdict = _champion(means, label)
    tried = {f"{one.name}, shrinking {strength:g}": loss(found) for (one, strength), found in linear.items()}
    tried |= {f"boosting, {one.name}": loss(found[1]) for one, found in screened.items()}
    report = {
        "rows": len(label), "folds": len(splits[0]), "repeats": len(splits),
        "candidates": verdict, "tried_log_loss": {name: round(value, 6) for name, value in tried.items()},
        "settings": {
            "shape": shape.name, "strength": best[shape], "boosting": trees.name if trees else None,
            "trees": rounds, "blend_weight_of_boosting": weight,
        },
    }  # fmt: skip
    if champion in {one.name for one in shapes}:
        shape = next(one for one in shapes if one.name == champion)
    weight = {"blend": weight, "boosting": 1.0}.get(champion, 0.0)
    return Choice(champion, shape, best[shape], trees, rounds, weight, held, means, report)


def _shapes(rows: Rows, few: bool) -> list[Shape]:
    """Straight lines, and curves of as many pieces as the rows allow."""
    pieces = int(min(8, rows.rarer // 40, 500 // max(rows.matrix.shape[1], 1)))
    return [additive.LINE] if few or pieces < 2 else [additive.LINE, additive.curve(pieces)]


def _lines(rows: Rows, settings: Settings) -> np.ndarray:
    """Which rows the logistic candidates are fitted on: their matrix is wide."""
    wide = sum(
        min(len(one.levels) + 2, settings.columns.one_hot) if one.kind == "category" else 6
        for one in rows.preparation.features
    )
    most = settings.sample.linear_cells // max(wide, 1)
    chosen = np.zeros(len(rows.label), dtype=bool)
    chosen[_some(rows, most, seed=13) if len(rows.label) > most else slice(None)] = True
    return chosen


def _crossed(rows: Rows, splits: list[Fold], predict: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Predictions of held rows, fold by fold; NaN for rows that no fold holds."""
    with ThreadPoolExecutor(min(THREADS, 2)) as pool:
        found = list(pool.map(lambda fold: predict(fold.train, fold.valid), splits))
    made = np.full((len(rows.label), found[0].shape[1]), np.nan)
    for fold, values in zip(splits, found, strict=True):
        made[fold.valid] = values
    return made


def _grid(rows: Rows, one_hot: int) -> list[Trees]:
    grid = boosting.SMALL if rows.matrix.size <= SMALL_CELLS else boosting.LARGE
    if rows.rarer < FEW_FOR_DEPTH:
        grid = grid[:2]
    least = max(2, rows.rarer // 5)
    grid = tuple(replace(one, least_rows=min(one.least_rows, least)) for one in grid)
    many = any(one.kind == "category" and len(one.levels) > one_hot for one in rows.preparation.features)
    return [
        *grid,
        *(replace(one, native=True) for one in (grid[-2:] if rows.matrix.size <= SMALL_CELLS else grid[-1:]) if many),
    ]


def _screen(
    rows: Rows, parts: np.ndarray, splits: list[Fold], one_hot: int, held: np.ndarray
) -> dict[Trees, tuple[int, np.ndarray]]:
    """By setting its number of trees and the log-odds of the held rows."""
    return {
        trees: (rounds, logit[held])
        for trees in _grid(rows, one_hot)
        for rounds, logit in [_boosted(rows, parts, splits, trees, one_hot)]
    }


def _boosted(
    rows: Rows, parts: np.ndarray, splits: list[Fold], trees: Trees, one_hot: int, rounds: int = 0
) -> tuple[int, np.ndarray]:
    """Cross-validated boosting. The number of trees is one for all folds, where their mean loss is least."""
    large = rows.matrix.size > SMALL_CELLS
    limit, patience = (LARGE_TREES, LARGE_PATIENCE) if large else (TREES, PATIENCE)
    workers, threads = (1, THREADS) if large else (min(THREADS, 2), 1)

    def one(at: int) -> tuple[Any, np.ndarray, np.ndarray]:
        fold = splits[at]
        expansion, wide = Expansion.of(
            rows.preparation, rows.matrix[fold.train], rows.label[fold.train], parts[fold.train], one_hot, trees.native
        )
        held = expansion.columns(rows.matrix[fold.valid])
        label, native = rows.label[fold.train], expansion.native()
        if rounds:
            booster = boosting.fit(wide, label, native, trees, rounds=rounds, seed=at, threads=threads)
            return booster, np.zeros(0), held
        booster, losses = boosting.staged(
            wide, label, held, rows.label[fold.valid], native, trees,
            limit=limit, patience=patience, seed=at, threads=threads,
        )  # fmt: skip
        return booster, losses, held

    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(one, range(len(splits))))
    if not rounds:
        length = max(len(losses) for _, losses, _ in found)
        curves = [np.r_[losses, np.full(length - len(losses), losses[-1])] for _, losses, _ in found]
        sizes = [len(fold.valid) for fold in splits]
        rounds = int(np.argmin(np.average(curves, axis=0, weights=sizes))) + 1
    made = np.full(len(rows.label), np.nan)
    for fold, (booster, _, held) in zip(splits, found, strict=True):
        made[fold.valid] = booster.predict(held, raw_score=True, num_iteration=rounds, num_threads=THREADS)
    return rounds, made


def _champion(means: dict[str, np.ndarray], label: np.ndarray) -> tuple[str, dict[str, Any]]:
    """Who is shipped, and by candidate its log loss, AUC and distance from the best in standard errors."""
    from models.learner.evaluate import auc

    losses = {name: calibrate.log_loss(label, logit) for name, logit in means.items()}
    mean = {name: float(loss.mean()) for name, loss in losses.items()}
    best = min(mean, key=lambda name: mean[name])
    verdict = {}
    for name, loss in losses.items():
        apart = loss - losses[best]
        error = float(apart.std(ddof=1) / np.sqrt(len(apart))) if len(apart) > 1 else 0.0
        verdict[name] = {
            "log_loss": round(mean[name], 6), "auc": round(auc(label, means[name]), 6),
            "worse_than_best_by": round(float(apart.mean()), 6), "standard_error": round(error, 6),
        }  # fmt: skip
    safe = [name for name in ("blend", "logistic", "additive", "boosting") if name in mean]
    champion = next(n for n in safe if verdict[n]["worse_than_best_by"] <= verdict[n]["standard_error"])
    return champion, verdict


def _without_validation(rows: Rows, settings: Settings) -> Fitted:
    """Too few of one class to compare anything: a strongly shrunk logistic regression, and nothing is claimed."""
    made = Additive.fit(
        rows.preparation, rows.matrix, rows.label, _parts(rows.groups), additive.LINE, settings.columns.one_hot,
        additive.STRENGTHS[0],
    )  # fmt: skip
    nothing = np.zeros(0)
    report = {"candidates": {}, "settings": {"strength": additive.STRENGTHS[0]}}
    calibration = {"kind": "line", "slope": 1.0, "base": 0.0}
    return Fitted("logistic", made, None, 0.0, calibration, nothing.astype(np.int64), nothing, report)


def _ship_small(rows: Rows, chosen: Choice, parts: np.ndarray, settings: Settings) -> Fitted:
    """Fitted on all rows; the rows held out in turn give calibration, threshold and evaluation."""
    curve, boosted = None, None
    one_hot = settings.columns.one_hot
    if chosen.weight < 1:
        part = np.flatnonzero(_lines(rows, settings))
        curve = Additive.fit(rows.preparation, rows.matrix[part], rows.label[part], parts[part], chosen.shape, one_hot,
                             chosen.strength)  # fmt: skip
    if chosen.weight > 0 and chosen.trees is not None:
        trees = chosen.trees
        expansion, wide = Expansion.of(rows.preparation, rows.matrix, rows.label, parts, one_hot, trees.native)
        rounds = max(1, round(chosen.rounds * 1.1))
        bags = BAGS if rows.matrix.size <= SMALL_CELLS else 1
        workers, threads = (min(THREADS, 2), 1) if bags > 1 else (1, THREADS)
        with ThreadPoolExecutor(workers) as pool:
            boosters = list(pool.map(lambda seed: boosting.fit(
                wide, rows.label, expansion.native(), trees, rounds=rounds, seed=seed, threads=threads,
            ), range(bags)))  # fmt: skip
        boosted = Boosted(expansion, boosters)
    raw = chosen.logits[chosen.champion]
    calibration, calibrated = calibrate.fit(raw, rows.label[chosen.held], rows.groups[chosen.held])
    return Fitted(
        chosen.champion, curve, boosted, chosen.weight, calibration, chosen.held, calibrated,
        {**chosen.report, "estimated_on": f"{len(chosen.held):,} rows, each scored by models that had not seen it"},
    )  # fmt: skip


def _ship_large(rows: Rows, chosen: Choice, settings: Settings, say: Callable[[str], None]) -> Fitted:
    """Fitted on nearly all rows; a part held out ends the boosting, weighs the blend and gives the evaluation."""
    one_hot = settings.columns.one_hot
    most = min(HELD_ROWS, len(rows.label) // 10)
    held = (
        np.flatnonzero(rows.times >= np.quantile(rows.times[~np.isnan(rows.times)], 1 - most / len(rows.label)))
        if rows.times is not None and len(np.unique(rows.times)) > 3
        else _some(rows, most, seed=17)
    )
    kept = np.ones(len(rows.label), dtype=bool)
    kept[held] = False
    train = np.flatnonzero(kept)
    if rows.times is not None:
        train = train[rows.times[train] < rows.times[held].min() - settings.validation.gap_days]
    label = rows.label[held]
    parts = _parts(rows.groups)
    say(f"fitting on {len(train):,} rows, {len(held):,} held out")
    logits: dict[str, np.ndarray] = {}
    curve, boosted = None, None
    if chosen.champion != "boosting":
        some = train[_lines(rows, settings)[train]]
        curve = Additive.fit(rows.preparation, rows.matrix[some], rows.label[some], parts[some], chosen.shape, one_hot,
                             chosen.strength)  # fmt: skip
        logits[chosen.shape.name] = curve.logit(rows.matrix[held])
    if chosen.trees is not None and chosen.weight > 0:
        trees = chosen.trees
        expansion, wide = Expansion.of(
            rows.preparation, rows.matrix[train], rows.label[train], parts[train], one_hot, trees.native
        )
        inside = expansion.columns(rows.matrix[held])
        booster, losses = boosting.staged(
            wide, rows.label[train], inside, label, expansion.native(), trees,
            limit=LARGE_TREES, patience=LARGE_PATIENCE, seed=1, threads=THREADS,
        )  # fmt: skip
        kept = booster.model_to_string(num_iteration=int(np.argmin(losses)) + 1)
        short = boosting.library().Booster(model_str=kept)
        boosted = Boosted(expansion, [short])
        logits["boosting"] = boosted.logit(rows.matrix[held], THREADS)
    weight = chosen.weight
    if len(logits) == 2:
        weights = np.linspace(0, 1, 21)
        line, bent = logits[chosen.shape.name], logits["boosting"]
        weight = float(min(weights, key=lambda w: calibrate.log_loss(label, (1 - w) * line + w * bent).mean()))
        logits["blend"] = (1 - weight) * line + weight * bent
    champion = {0.0: chosen.shape.name, 1.0: "boosting"}.get(weight, "blend")
    calibration, calibrated = calibrate.fit(logits[champion], label, rows.groups[held])
    report = {**chosen.report, "estimated_on": f"{len(held):,} rows held out of {len(rows.label):,}"}
    report["settings"] = {**report["settings"], "blend_weight_of_boosting": weight,
                          "trees": boosted.boosters[0].num_trees() if boosted else 0}  # fmt: skip
    return Fitted(
        champion, None if weight == 1 else curve, None if weight == 0 else boosted, weight, calibration, held,
        calibrated, report,
    )  # fmt: skip
