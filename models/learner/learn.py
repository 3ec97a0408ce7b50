"""Trains on any table: reads the label, leaves out what is of no use or knows the outcome, chooses, evaluates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from models.learner import calibrate, folds
from models.learner.choose import fit, is_large
from models.learner.draw import OWN, Drawn, drawn_from
from models.learner.drift import profile
from models.learner.evaluate import best_threshold, by_segment, evaluation
from models.learner.fitted import THREADS, Fitted
from models.learner.model import Model
from models.learner.prepare import FIRST
from models.learner.settings import LearnerError, Settings, settings_of
from models.learner.table import Label, Table, label_of, table_of
from models.sql import quoted


def train(
    frame: Any, label: str, id: str | None = None, time: str | None = None,
    settings: dict[str, Any] | Settings | None = None, *, positive: str | None = None,
    train_where: str | None = None, score_where: str | None = None,
    prior: float | None = None, keep_suspect: Sequence[str] = (), segment: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Model:  # fmt: skip
    """The best model for a table (a frame, a relation, a file), chosen by validation, with its evaluation.

    `id` never becomes a feature and never lies in two folds; `time` makes training end before validation begins.
    Conditions are SQL and may use `row_number` (from 1, in the order of the table). `prior` is the true share of
    leavers where the rows to train on were re-balanced.

    Raises:
        LearnerError: the table, a column or a condition cannot be used; the message says which, and what is expected.
    """
    chosen = settings_of(settings)
    table = table_of(frame)
    label = table.column(label, "label")
    id = None if id is None or id.lower() in OWN else table.column(id, "id")
    time = table.column(time, "time") if time else None
    if prior is not None and not 0 < prior < 1:
        raise LearnerError(f"prior is {prior}; expected the true share of leavers, between 0 and 1")
    table.checked(train_where, "train-where")
    table.checked(score_where, "score-where")
    meaning = label_of(table, label, table.rows(train_where), positive)
    drawn = drawn_from(
        table, meaning, chosen, id=id, time=time, train_where=train_where, score_where=score_where, prior=prior,
        keep_suspect=keep_suspect, say=say,
    )  # fmt: skip
    split = None
    # Of a large table the latest rows are held out in any case, and judge.
    if drawn.times is not None and not score_where and not is_large(drawn.rows, chosen):
        split = folds.holdout(drawn.times, chosen.validation.holdout_share, chosen.validation.gap_days)
        if split is not None and not all(
            0 < drawn.label[part].sum() < len(part) for part in (split.train, split.valid)
        ):
            split = None
    if split is not None:
        say(f"evaluating on {len(split.valid):,} later rows")
        past = fit(drawn.rows.take(split.train), chosen, say)
        held = split.valid
        held_logit = past.logit(drawn.matrix[held], THREADS)
        threshold = _threshold(past, drawn.label[split.train][past.held], drawn.shift)
        fitted = fit(drawn.rows, chosen, say)
        estimated = f"{len(held):,} later rows, scored by a model of the rows before them"
    else:
        fitted = fit(drawn.rows, chosen, say)
        held, held_logit = fitted.held, fitted.held_logit
        threshold = _threshold(fitted, drawn.label[held], drawn.shift)
        estimated = fitted.report.get("estimated_on", "nothing: too few rows of one class to hold any out")
    fitted.calibration["shift"] = drawn.shift
    held_chance = calibrate.sigmoid(held_logit + drawn.shift)
    weight = None if drawn.weight is None else drawn.weight[held]
    found = evaluation(drawn.label[held], held_chance, threshold=threshold, campaign=chosen.campaign, weight=weight)
    found["estimated_on"] = estimated
    shipped = calibrate.sigmoid(fitted.logit(drawn.matrix, THREADS) if not len(held) else held_logit + drawn.shift)
    deciles = [float(cut) for cut in np.quantile(shipped, np.linspace(0.1, 0.9, 9))]
    features = drawn.preparation.features
    expected = profile(
        {one.name: drawn.matrix[:, at] for at, one in enumerate(features)},
        {one.name: min(FIRST + len(one.levels), 52) for one in features if one.kind == "category"},
    ) | profile({"score": shipped}, {})
    told = {
        **drawn.told, "champion": fitted.champion, "validation": fitted.report, "features": drawn.preparation.names,
        "excluded": drawn.excluded, "importance": _importance(fitted, drawn),
    }  # fmt: skip
    model = Model(drawn.preparation, fitted, id, threshold, deciles, found, told, drawn.data_hash, expected)
    if segment and len(held):
        found["by_segment"] = _by_segment(table, drawn, segment, held, held_chance)
    model.held = (drawn.numbers[held], np.round(held_chance, 9))
    if score_where:
        _evaluate_on(model, table, meaning, score_where, chosen, segment)
    return model


def _threshold(fitted: Fitted, label: np.ndarray, shift: float) -> float:
    """The threshold of the highest accuracy among rows of the training part that were held out."""
    if not len(fitted.held):
        return 0.5
    return best_threshold(label, calibrate.sigmoid(fitted.held_logit + shift))


def _importance(fitted: Fitted, drawn: Drawn) -> dict[str, float]:
    """Mean absolute contribution to the log-odds by feature, over some 500 rows."""
    from models.learner.reasons import contributions

    some = drawn.matrix[:: max(1, len(drawn.matrix) // 500)]
    mean = np.abs(contributions(fitted, some, THREADS)).mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    return {drawn.preparation.features[at].name: round(float(mean[at]), 6) for at in order[:50]}


def _by_segment(table: Table, drawn: Drawn, segment: str, held: np.ndarray, chance: np.ndarray) -> dict[str, Any]:
    name = quoted(table.column(segment, "segment"))
    told = table.ask(f"select bassline_row, cast({name} as varchar) from {table.rows()}").fetchnumpy()
    names = list(told.values())[1]
    return by_segment(drawn.label[held], chance, names[drawn.numbers[held] - 1])


def _evaluate_on(model: Model, table: Table, label: Label, where: str, settings: Settings, segment: str | None) -> None:
    """Evaluate on the rows to score, as far as they have a label; what training said of itself is kept beside it."""
    rows = table.rows(where)
    name = quoted(table.column(segment, "segment")) if segment else "null"
    asked = table.ask(
        f"select *, {label.sql} as bassline_label, cast({name} as varchar) as bassline_segment from {rows}"
    )
    chances, labels, segments = [], [], []
    for batch in model.score(asked, carry=("bassline_label", "bassline_segment")):
        known = np.asarray(batch["bassline_label"].to_numpy(zero_copy_only=False), dtype=float)
        with_label = ~np.isnan(known)
        chances.append(batch["score"].to_numpy()[with_label])
        labels.append(known[with_label])
        if segment:
            segments.append(batch["bassline_segment"].to_numpy(zero_copy_only=False)[with_label])
    outcome = np.concatenate(labels) if labels else np.zeros(0)
    if not len(outcome):
        model.evaluation["note"] = "the rows to score have no label; the evaluation is that of the training rows"
        return
    chance = np.concatenate(chances)
    found = evaluation(outcome, chance, threshold=model.threshold, campaign=settings.campaign)
    found["estimated_on"] = f"{len(outcome):,} rows to score that have a label"
    if segment:
        found["by_segment"] = by_segment(outcome, chance, np.concatenate(segments))
    model.told["evaluation_in_training"] = model.evaluation
    model.evaluation = found
