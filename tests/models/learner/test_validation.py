"""Validation is honest: nothing is shared between folds, the future judges the past, the best candidate is shipped."""

from datetime import date

import numpy as np
import polars as pl

from models.learner import train
from models.learner.folds import forward, grouped, groups_of, holdout
from tests.models.learner.frames import LINES, QUICK, customers


def test_copies_and_ids_never_lie_in_two_folds() -> None:
    random = np.random.default_rng(1)
    copies = random.integers(0, 400, 1000).astype(np.uint64)
    ids = random.integers(0, 700, 1000).astype(np.uint64)
    groups = groups_of(copies, ids)

    for fold in grouped(groups, (random.random(1000) < 0.3).astype(float), 5, seed=2):
        assert not set(copies[fold.train]) & set(copies[fold.valid])
        assert not set(ids[fold.train]) & set(ids[fold.valid])


def test_folds_share_the_leavers_evenly_and_cover_every_row_once() -> None:
    label = (np.arange(1000) % 20 == 0).astype(float)
    folds = grouped(np.arange(1000), label, 5, seed=3)

    assert [label[fold.valid].sum() for fold in folds] == [10.0] * 5
    assert sorted(np.concatenate([fold.valid for fold in folds])) == list(range(1000))


def test_rows_that_are_copied_do_not_flatter_the_evaluation() -> None:
    random = np.random.default_rng(5)
    noise = pl.DataFrame({f"n{at}": random.normal(size=300) for at in range(6)}).with_columns(
        churn=pl.Series(random.random(300) < 0.4)
    )
    model = train(pl.concat([noise] * 4), "churn", settings=QUICK)

    assert model.told["same_rows"] == 900
    assert model.evaluation["auc"] < 0.62


def test_later_rows_judge_and_the_gap_is_kept_free() -> None:
    times = np.repeat(np.arange(10) * 30.0, 50)
    label = np.tile([0.0, 1.0], 250)

    split = holdout(times, 0.2, gap=45)
    assert (times[split.valid].min(), times[split.train].max()) == (240.0, 180.0)
    for fold in forward(times, label, 3, gap=45):
        assert times[fold.train].max() + 45 < times[fold.valid].min()
    assert holdout(np.full(10, 3.0), 0.2, gap=0) is None


def test_a_rule_that_ends_is_not_praised_for_the_past() -> None:
    months = [date(2026, 1 + at, 1) for at in range(6)]

    def rule(random: np.random.Generator, left: np.ndarray) -> np.ndarray:
        early = np.arange(1800) % 6 < 5
        return np.where(early, left * 1.5, 0) + random.normal(size=1800)

    frame = customers(1800, month=[months[at % 6] for at in range(1800)], campaign=rule)
    over_time = train(frame, "churn", "customer", "month", settings=LINES)
    ignoring_time = train(frame.drop("month"), "churn", "customer", settings=LINES)

    assert over_time.evaluation["estimated_on"].startswith("300 later rows")
    assert over_time.evaluation["auc"] < ignoring_time.evaluation["auc"] - 0.02
    assert "month" not in over_time.preparation.names


def test_probabilities_are_calibrated_on_rows_nobody_fitted() -> None:
    frame, later = customers(2500, seed=11), customers(2500, seed=12)
    model = train(frame, "churn", "customer", settings=QUICK)
    chance = np.concatenate([batch["score"].to_numpy() for batch in model.score(later)])
    label = (later["churn"] == "Yes").to_numpy()

    assert abs(chance.mean() - label.mean()) < 0.03
    assert model.evaluation["calibration_error"] < 0.04


def test_levels_of_pure_noise_cost_nothing_and_levels_that_matter_are_learned() -> None:
    effect = np.random.default_rng(6).normal(size=300)

    def auc_with(kind: str) -> float:
        random = np.random.default_rng(7)
        level, base = random.integers(0, 300, 4000), random.normal(size=4000)
        weight = 1.3 if kind == "informative" else 0.0
        left = random.random(4000) < 1 / (1 + np.exp(1 - base - weight * effect[level]))
        frame = pl.DataFrame({"base": base, "left": left, "level": [f"level {at}" for at in level]})
        columns = ["base", "left"] if kind == "none" else ["base", "left", "level"]
        return train(frame.select(columns), "left", settings=LINES).evaluation["auc"]

    without = auc_with("none")
    assert auc_with("noise") > without - 0.005
    assert auc_with("informative") > without + 0.03


def test_the_shipped_model_is_not_behind_logistic_regression_where_the_world_is_a_line() -> None:
    random = np.random.default_rng(13)
    values = random.normal(size=(2000, 5))
    left = random.random(2000) < 1 / (1 + np.exp(1 - values @ np.array([1.0, -0.8, 0.6, 0.4, 0.2])))
    frame = pl.DataFrame({f"x{at}": values[:, at] for at in range(5)}).with_columns(left=left)
    candidates = train(frame, "left", settings=QUICK).told

    verdict = candidates["validation"]["candidates"]
    shipped = verdict[candidates["champion"]]
    assert shipped["log_loss"] <= verdict["logistic"]["log_loss"] + verdict["logistic"]["standard_error"]


def test_an_interaction_is_found_by_trees_and_they_are_shipped() -> None:
    random = np.random.default_rng(14)
    one, two = random.normal(size=(2, 2000))
    left = random.random(2000) < np.where((one > 0) == (two > 0), 0.7, 0.1)
    found = train(pl.DataFrame({"one": one, "two": two, "left": left}), "left", settings=QUICK)

    assert found.told["champion"] in ("boosting", "blend")
    assert found.evaluation["auc"] > 0.75
