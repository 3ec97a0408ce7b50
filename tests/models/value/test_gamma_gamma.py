"""Gamma-Gamma: parameters come back, means are shrunk, and what tells nothing is refused."""

import numpy as np
import pytest
from scipy.special import gammaln

from models.value import gamma_gamma
from models.value.likelihood import Estimate, FitError
from tests.models.value.simulated import GAMMA_GAMMA, means

CDNOW = Estimate({"p": 6.25, "q": 3.74, "v": 15.44}, {}, 0.0, 0, 0, 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_known_parameters_come_back_within_three_standard_errors(seed: int) -> None:
    found = gamma_gamma.fit(*means(20_000, seed=seed))

    for name, value in GAMMA_GAMMA.items():
        error = found.standard_errors[name]
        assert error is not None
        assert abs(found[name] - value) < 3 * error
        assert error < value / 4
    assert found.told == []


def test_the_currency_changes_v_only() -> None:
    purchases, mean = means(3_000)
    yuan, fen = gamma_gamma.fit(purchases, mean), gamma_gamma.fit(purchases, mean * 100)

    assert fen["v"] == pytest.approx(100 * yuan["v"], rel=1e-3)
    assert fen["p"] == pytest.approx(yuan["p"], rel=1e-3)
    assert fen.log_likelihood == pytest.approx(yuan.log_likelihood - 3_000 * np.log(100))


def test_the_likelihood_is_that_of_the_note() -> None:
    x, z = np.array([2.0, 1.0]), np.array([22.35, 11.77])
    p, q, v = 6.25, 3.74, 15.44
    expected = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
        + q * np.log(v) + (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * np.log(v + x * z)
    )  # fmt: skip

    assert gamma_gamma.log_likelihood(CDNOW, x, z) == pytest.approx(expected.sum())


def test_a_mean_is_shrunk_towards_that_of_all_and_less_so_with_more_purchases() -> None:
    found = gamma_gamma.expected_mean(CDNOW, np.array([0.0, 1, 100]), np.array([np.nan, 100, 100]))

    assert found[0] == pytest.approx(6.25 * 15.44 / 2.74)
    assert found[0] < found[1] < found[2] < 100


def test_purchases_that_go_with_the_amount_are_told() -> None:
    chance = np.random.default_rng(1)
    purchases = chance.integers(1, 20, 2_000).astype(float)

    found = gamma_gamma.fit(purchases, chance.gamma(20, 1 / 20, 2_000) * purchases)

    assert any("related" in line for line in found.told)


@pytest.mark.parametrize(
    ("mean", "word"), [([5.0] * 20, "nothing to estimate"), ([5.0, 6.0], "at least 10"), ([0.0] * 20, "above zero")]
)
def test_amounts_that_tell_nothing_are_refused(mean: list[float], word: str) -> None:
    with pytest.raises(FitError, match=word):
        gamma_gamma.fit(np.ones(len(mean)), np.array(mean))
