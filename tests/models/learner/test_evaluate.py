"""Measures against their definitions, worked out the long way round on small examples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.learner import evaluate
from models.learner.drift import decay, psi, verdict
from models.learner.settings import settings_of

LABEL = np.array([0, 0, 1, 0, 1, 1, 0, 1, 0, 0])
SCORE = np.array([0.1, 0.2, 0.3, 0.3, 0.8, 0.6, 0.7, 0.9, 0.05, 0.4])
TERMS = settings_of().campaign
ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=3, max_size=40).filter(
    lambda rows: len({left for left, _ in rows}) == 2
)


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_auc_and_average_precision_are_those_of_scikit_learn(rows: list[tuple[bool, int]]) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    label, score = (np.array(column, dtype=float) for column in zip(*rows, strict=True))

    assert evaluate.auc(label, score) == pytest.approx(roc_auc_score(label, score))
    assert evaluate.pr_auc(label, score) == pytest.approx(average_precision_score(label, score))


@given(ROWS, st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_a_weight_is_as_good_as_copies(rows: list[tuple[bool, int]], copies: int) -> None:
    label, score = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    weight = np.where(label > 0, copies, 1)
    many, score_of_many = np.repeat(label, weight), np.repeat(score, weight)

    for measure in (evaluate.auc, evaluate.pr_auc):
        assert measure(label, score, weight) == pytest.approx(measure(many, score_of_many))
    assert evaluate.empc(label, score, TERMS, weight) == pytest.approx(evaluate.empc(many, score_of_many, TERMS))


@given(ROWS)
@settings(max_examples=30, deadline=None)
def test_expected_maximum_profit_is_the_integral_it_is_defined_as(rows: list[tuple[bool, int]]) -> None:
    from scipy.stats import beta

    label, score = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    gammas = (np.arange(4000) + 0.5) / 4000
    offer, contact, value = TERMS.offer_cost, TERMS.contact_cost, TERMS.lifetime_value
    best = np.zeros(len(gammas))
    for threshold in np.unique(score):
        contacted = score >= threshold
        lost, held = (contacted & (label > 0)).mean(), (contacted & (label == 0)).mean()
        best = np.maximum(best, (gammas * (value - offer) - contact) * lost - (offer + contact) * held)
    expected = (best * beta.pdf(gammas, TERMS.alpha, TERMS.beta)).mean()

    assert evaluate.empc(label, score, TERMS)["profit"] == pytest.approx(expected, abs=0.02)


def test_lift_counts_leavers_in_the_riskiest_tenth_and_ties_in_proportion() -> None:
    assert evaluate.lift(LABEL, SCORE) == pytest.approx(1 / 0.4)
    assert evaluate.lift(LABEL, np.ones(10)) == pytest.approx(1.0)


def test_calibration_error_is_the_mean_distance_in_bins_of_equal_size() -> None:
    chance = np.repeat([0.1, 0.5], 50)
    label = np.r_[np.zeros(45), np.ones(5), np.ones(30), np.zeros(20)]

    assert evaluate.calibration_error(label, chance, bins=2) == pytest.approx((0.0 + 0.1) / 2)


def test_the_accuracy_threshold_lies_between_the_classes_where_it_can() -> None:
    random = np.random.default_rng(1)
    label = (np.arange(400) % 4 == 0).astype(int)
    chance = np.where(label == 1, 0.7, 0.2) + random.uniform(-0.1, 0.1, 400)

    threshold = evaluate.best_threshold(label, chance)
    assert 0.25 < threshold < 0.65
    assert evaluate.accuracy(label, chance, threshold) == 1.0


def test_nobody_is_contacted_who_does_not_pay_and_everybody_who_does() -> None:
    found = evaluate.profit(np.array([1, 0, 0, 1]), np.array([0.9, 0.01, 0.9, 0.01]), TERMS)
    won = 0.3 * (200 - 10) - 1

    assert found["profit_per_customer"] == pytest.approx((won - 11) / 4)
    assert found["threshold"] == pytest.approx(11 / (won + 11))


def test_intervals_hold_the_value_and_narrow_with_more_rows() -> None:
    random = np.random.default_rng(2)

    def width(rows: int) -> float:
        chance = random.beta(1, 3, rows)
        found = evaluate.evaluation((random.random(rows) < chance).astype(int), chance)
        low, high = found["intervals"]["auc"]
        assert low < found["auc"] < high
        return high - low

    assert width(4000) < 0.6 * width(400)


def test_a_segment_is_judged_by_itself_and_one_without_leavers_claims_nothing() -> None:
    found = evaluate.by_segment(LABEL, SCORE, np.array(["a"] * 8 + ["b"] * 2))

    assert found["a"]["auc"] == pytest.approx(evaluate.auc(LABEL[:8], SCORE[:8]))
    assert np.isnan(found["b"]["auc"])


def test_drift_is_told_by_its_bounds() -> None:
    assert psi(np.array([10, 10]), np.array([500, 500])) == pytest.approx(0.0)
    moved = psi(np.array([50, 50]), np.array([80, 20]))
    assert moved == pytest.approx(0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5))
    assert [verdict(value) for value in (0.05, 0.15, moved)] == ["steady", "watch", "alarm"]


def test_a_model_that_ages_shows_it_month_by_month() -> None:
    random = np.random.default_rng(3)
    month = np.repeat(["2026-01", "2026-02", "2026-03"], 2000)
    score = random.random(6000) + np.repeat([0.0, 0.0, 0.4], 2000)
    sharp = np.repeat([6.0, 3.0, 0.0], 2000)
    label = random.random(6000) < 1 / (1 + np.exp(-sharp * (score - 0.5)))
    told = decay(month, score, label)

    assert [one["month"] for one in told] == ["2026-01", "2026-02", "2026-03"]
    assert told[0]["auc"] > told[1]["auc"] > told[2]["auc"]
    assert [one["verdict"] for one in told] == ["steady", "steady", "alarm"]
