"""BG/NBD: parameters come back, the likelihood is the published one, and expectations hold where 2F1 fails."""

import numpy as np
import pytest
from scipy.special import gammaln, hyp2f1

from models.value import bgnbd
from models.value.likelihood import Estimate, FitError
from tests.models.value.simulated import BG_NBD, histories


def known(**parameters: float) -> Estimate:
    return Estimate(parameters or BG_NBD, {}, 0.0, 0, 0, 0)


CDNOW = known(r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.mark.parametrize("seed", [1, 2])
def test_known_parameters_come_back_within_three_standard_errors(seed: int) -> None:
    found = bgnbd.fit(*histories(20_000, seed=seed))

    for name, value in BG_NBD.items():
        error = found.standard_errors[name]
        assert error is not None
        assert abs(found[name] - value) < 3 * error
        assert error < value / 4
    assert found.told == []


def test_the_unit_of_time_changes_alpha_only() -> None:
    frequency, recency, age = histories(5_000)
    weeks, days = bgnbd.fit(frequency, recency, age), bgnbd.fit(frequency, recency * 7, age * 7)

    assert days["alpha"] == pytest.approx(7 * weeks["alpha"], rel=1e-3)
    assert [days[n] for n in ("r", "a", "b")] == pytest.approx([weeks[n] for n in ("r", "a", "b")], rel=1e-3)
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - frequency.sum() * np.log(7))


def test_the_likelihood_is_that_of_the_paper() -> None:
    x, t_x, age = np.array([2.0, 0.0, 7.0]), np.array([30.43, 0.0, 29.43]), np.array([38.86, 38.86, 38.86])
    r, alpha, a, b = (CDNOW[n] for n in bgnbd.NAMES)
    first = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    second = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    third = (1 / (alpha + age)) ** (r + x)
    fourth = np.where(x > 0, a / np.where(x > 0, b + x - 1, 1) * (1 / (alpha + t_x)) ** (r + x), 0)

    assert bgnbd.log_likelihood(CDNOW, x, t_x, age) == pytest.approx(np.sum(first + second + np.log(third + fourth)))


def test_expectations_are_those_of_the_published_form_where_that_can_be_computed() -> None:
    x, t_x, age = np.array([2.0, 0.0, 1.0, 9.0]), np.array([30.43, 0.0, 1.71, 35.0]), np.full(4, 38.86)
    r, alpha, a, b = (CDNOW[n] for n in bgnbd.NAMES)
    z = 39 / (alpha + age + 39)
    upper = (a + b + x - 1) / (a - 1) * (
        1 - ((alpha + age) / (alpha + age + 39)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
    )  # fmt: skip

    found = bgnbd.expected(CDNOW, 39, x, t_x, age)

    assert found == pytest.approx(upper * bgnbd.alive(CDNOW, x, t_x, age), rel=1e-8)
    assert found[0] == pytest.approx(1.226, abs=1e-3)  # customer 1 of the published note


@pytest.mark.parametrize(
    ("a", "b", "x"), [(1.0, 2.4, 3), (0.05, 2.0, 0), (0.02, 30.0, 500), (3.0, 0.5, 50_000), (40.0, 400.0, 2)]
)
def test_expectations_hold_at_a_of_one_and_for_huge_counts(a: float, b: float, x: int) -> None:
    from scipy.integrate import quad
    from scipy.stats import beta

    parameters = known(r=0.6, alpha=8.0, a=a, b=b)
    law, ratio, power = beta(a, b + x), 90 / (8.0 + 100), 0.6 + x

    def at(share: float) -> float:
        p = law.ppf(share)
        return power * ratio if p < 1e-300 else -np.expm1(-power * np.log1p(p * ratio)) / p

    exact = quad(at, 0, 1, limit=1000, epsabs=0, epsrel=1e-9)[0]
    if_alive = bgnbd._if_alive(parameters, 90.0, np.array([float(x)]), np.array([100.0]))

    assert if_alive[0] == pytest.approx(exact, rel=1e-5)


def test_expected_purchases_of_who_just_came_are_the_simulated_ones() -> None:
    frequency, _, _ = histories(60_000, age=52)
    ages = np.random.default_rng(5).uniform(26, 52, 60_000)

    assert frequency.mean() == pytest.approx(bgnbd.expected_of_new(known(), ages[:2000]).mean(), rel=0.03)


def test_who_never_bought_again_is_alive_and_who_stopped_is_hardly() -> None:
    found = bgnbd.alive(known(), np.array([0.0, 30, 30]), np.array([0.0, 10, 51]), np.array([52.0, 52, 52]))

    assert found[0] == 1
    assert found[1] < 1e-6
    assert found[2] > 0.8


def test_too_few_repeat_purchases_are_refused_with_their_number() -> None:
    with pytest.raises(FitError, match="0 of 1 customers bought again; at least 10"):
        bgnbd.fit(np.zeros(1), np.zeros(1), np.ones(1))


@pytest.mark.parametrize(
    ("frequency", "recency", "age", "word"),
    [(1, 5, 4, "after the end"), (0, 2, 4, "recency must be 0"), (1, np.nan, 4, "missing"), (-1, 0, 4, "below zero")],
)
def test_histories_that_cannot_be_are_refused(frequency: float, recency: float, age: float, word: str) -> None:
    with pytest.raises(FitError, match=word):
        bgnbd.fit(np.array([frequency]), np.array([recency]), np.array([age]))


def test_customers_who_never_leave_are_told_as_not_telling_when_they_leave() -> None:
    chance = np.random.default_rng(3)
    rate = chance.gamma(2.0, 1 / 8.0, 3_000)
    frequency = chance.poisson(rate * 52).astype(float)
    recency = np.where(frequency > 0, 52 * chance.beta(np.maximum(frequency, 1), 1), 0)

    found = bgnbd.fit(frequency, recency, np.full(3_000, 52.0))

    assert found["r"] == pytest.approx(2.0, rel=0.1)
    assert found["a"] / (found["a"] + found["b"]) < 0.005
    assert found.told


def test_huge_counts_are_fitted() -> None:
    chance = np.random.default_rng(4)
    frequency = chance.integers(10_000, 1_000_000, 200).astype(float)

    found = bgnbd.fit(frequency, np.full(200, 51.9), np.full(200, 52.0))

    assert np.isfinite(found.log_likelihood)
    assert np.isfinite(bgnbd.expected(found, 4, frequency, np.full(200, 51.9), np.full(200, 52.0))).all()
