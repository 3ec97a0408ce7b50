"""Uplift: planted heterogeneity is found, noise is not, and too few controls are refused with the reason."""

import numpy as np
import polars as pl
import pytest

from models.learner import LearnerError
from models.retention.gain import Experiment, maximum_profit, qini
from models.retention.uplift import Candidate, _champion, learn


def experiment(lines: int, planted: float) -> pl.DataFrame:
    """Contact helps those with b above zero and hurts the others; who stays anyway depends on a."""
    rng = np.random.default_rng(5)
    a, b, c = rng.normal(size=(3, lines))
    contacted = rng.random(lines) < 0.5
    stays = 0.7 + 0.1 * np.tanh(a) + contacted * planted * np.where(b > 0, 0.25, -0.1)
    stayed = rng.random(lines) < stays
    return pl.DataFrame(
        {
            "line": np.arange(lines),
            "arm": contacted.astype(int),
            "stayed": stayed.astype(int),
            "a": a,
            "b": b,
            "value": c,
        }
    )


def test_planted_heterogeneity_is_found() -> None:
    table = experiment(4_000, planted=1)
    found = learn(table, "arm", "stayed", "line", least_controls=1_000)

    assert found.method in ("t_learner", "x_learner")
    helped = table["b"].to_numpy() > 0
    assert found.score[helped].mean() > found.score[~helped].mean() + 0.15
    assert found.effect.low < 0.075 < found.effect.high
    assert found.candidates[found.method].qini > 3 * found.candidates["risk"].qini
    assert "more than the ranking by risk" in found.reason
    scores = found.scores()
    assert scores["id"].to_list() == table["line"].to_list()
    assert scores.group_by("decile").len()["len"].to_list() == [400] * 10
    assert scores.filter(decile=1)["score"].min() >= scores.filter(decile=2)["score"].max()  # ty: ignore


def test_too_few_controls_are_ranked_by_risk_and_the_reason_is_told() -> None:
    table = experiment(1_200, planted=1)
    found = learn(table, "arm", "stayed", "line", least_controls=2_000)

    assert found.method == "risk"
    assert "fewer than 2,000: too few to tell whom contact moves more than others" in found.reason
    assert set(found.candidates) == {"risk"}
    assert np.corrcoef(found.score, table["a"].to_numpy())[0, 1] < -0.4  # the lower a, the more leave


@pytest.mark.parametrize(
    ("learner", "method"),
    [
        (Candidate(0.020, 0.004, 0.015, 0.005, 1, 0.5), "t_learner"),
        (Candidate(0.020, 0.004, 0.004, 0.005, 1, 0.5), "risk"),
        (Candidate(0.006, 0.004, 0.006, 0.005, 1, 0.5), "risk"),
    ],
)
def test_a_lead_that_may_be_chance_is_none(learner: Candidate, method: str) -> None:
    risk = Candidate(0.005, 0.004, 0, 0, 1, 0.5)

    assert _champion({"risk": risk, "t_learner": learner, "x_learner": risk}) == method


def test_a_ranking_by_the_true_effect_beats_chance_and_its_reverse_loses() -> None:
    rng = np.random.default_rng(3)
    true = rng.choice([-0.2, 0.3], 20_000)
    treated = (rng.random(20_000) < 0.3).astype(float)
    outcome = (rng.random(20_000) < 0.5 + treated * true).astype(float)
    found = Experiment(treated, outcome, np.full(20_000, 100.0), cost=5.0)

    best, worst = found.best_first(true), found.best_first(-true)
    assert qini(found, best) > 0.04 and qini(found, worst) < -0.04
    assert abs(qini(found, found.best_first(rng.random(20_000)))) < 0.01
    profit = maximum_profit(found, best)
    assert profit.per_line == pytest.approx(0.5 * (100 * 0.3 - 5), abs=2)
    assert profit.share == pytest.approx(0.5, abs=0.05)


def test_a_contact_that_never_pays_has_no_best_share() -> None:
    found = Experiment(np.array([1.0, 0.0] * 50), np.zeros(100), np.ones(100), cost=1.0)

    assert maximum_profit(found, np.arange(100)).share == 0


@pytest.mark.parametrize(
    ("treatment", "told"),
    [("nowhere", "no column 'nowhere' for the treatment"), ("line", "label 'line'"), ("same", "same")],
)
def test_a_table_that_is_no_experiment_is_refused_in_words(treatment: str, told: str) -> None:
    table = experiment(300, planted=0).with_columns(same=pl.lit(1))

    with pytest.raises(LearnerError, match=told):
        learn(table, treatment, "stayed", "line")
