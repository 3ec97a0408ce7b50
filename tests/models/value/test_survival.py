"""Kaplan-Meier with late entry, its error and its restricted mean, against counts done by hand."""

import numpy as np
import pytest

from models.value.survival import discounted, kaplan_meier, restricted_mean


def test_who_is_censored_counts_at_risk_until_then() -> None:
    curve = kaplan_meier(np.array([1, 2, 2, 3]), np.array([True, False, True, True]))

    assert curve.at_risk.tolist() == [4, 3, 1]
    assert curve.lost.tolist() == [1, 1, 1]
    assert curve.survival.tolist() == pytest.approx([0.75, 0.5, 0.0])
    assert curve.standard_error[1] == pytest.approx(0.5 * np.sqrt(1 / 12 + 1 / 6))


def test_who_comes_under_observation_late_is_at_risk_from_then_on() -> None:
    curve = kaplan_meier(np.array([3, 3, 2]), np.array([True, False, True]), np.array([0, 2, 0]))

    assert curve.at_risk.tolist() == [2, 2, 2]


def test_a_known_hazard_comes_back_and_so_does_its_mean_life_time() -> None:
    chance = np.random.default_rng(1)
    life, seen = chance.geometric(0.05, 50_000), chance.integers(1, 40, 50_000)
    curve = kaplan_meier(np.minimum(life, seen), life <= seen)

    assert curve.hazard[:20] == pytest.approx(np.full(20, 0.05), abs=0.006)
    assert restricted_mean(curve, 24) == pytest.approx((1 - 0.95**24) / 0.05, rel=0.01)
    assert discounted(curve, 12, 0.01) == pytest.approx(sum((0.95 / 1.01) ** k for k in range(1, 13)), rel=0.01)


def test_a_duration_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="above its entry"):
        kaplan_meier(np.array([2]), np.array([True]), np.array([2]))
