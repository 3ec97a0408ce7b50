"""Effects: intervals that hold what is true as often as they say, and strata that an unlucky lot cannot bend."""

import numpy as np
import polars as pl
import pytest

from models.retention.effect import of_arms, stratified


def test_the_interval_of_one_stratum_is_newcombes() -> None:
    """The example (a) of his paper: 56 of 70 against 48 of 80; method 10 gives 0.0524 to 0.3339."""
    found = stratified(*(np.array([number]) for number in (70, 56, 80, 48)))

    assert found is not None
    assert (round(found.difference, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)


@pytest.mark.parametrize(
    ("lines", "control_share", "leaving", "relief"),
    [(2_000, 0.08, 0.04, 0.3), (10_000, 0.05, 0.03, 0.3), (600, 0.10, 0.10, 0.0), (300, 0.10, 0.02, 0.0)],
)
def test_about_95_of_100_intervals_hold_the_true_effect(
    lines: int, control_share: float, leaving: float, relief: float
) -> None:
    """Risk differs tenfold between strata, and most of the strata have few controls or none."""
    rng, strata, repeats = np.random.default_rng(11), 40, 1_000
    risk = np.minimum(leaving * np.exp(rng.normal(0, 0.8, strata)), 0.8)
    held = 0
    for _ in range(repeats):
        size = rng.multinomial(lines, np.full(strata, 1 / strata))
        controls = np.floor(size * control_share + rng.random(strata)).astype(int)
        treated = size - controls
        found = stratified(
            treated,
            treated - rng.binomial(treated, risk * (1 - relief)),
            controls,
            controls - rng.binomial(controls, risk),
        )
        assert found is not None
        both = (treated > 0) & (controls > 0)
        weight = (treated * controls / np.maximum(size, 1))[both]
        true = np.average(risk[both] * relief, weights=weight)
        held += found.low <= true <= found.high

    assert 0.935 * repeats <= held <= 0.985 * repeats


def test_a_lot_that_differs_between_strata_does_not_pass_for_an_effect() -> None:
    treated, controls = np.array([900, 100]), np.array([100, 900])
    stays = np.array([0.9, 0.5])  # whoever is contacted; the second stratum has most of the controls
    found = stratified(treated, treated * stays, controls, controls * stays)

    assert found is not None
    assert found.difference == pytest.approx(0)
    raw = (treated * stays).sum() / 1000 - (controls * stays).sum() / 1000
    assert raw == pytest.approx(0.32)


def test_strata_without_one_of_the_arms_are_left_out_and_counted() -> None:
    arms = pl.DataFrame(
        {
            "month_start": ["m"] * 4, "list_type": ["model"] * 4, "list_id": ["l"] * 4, "decile": [1, 1, 2, None],
            "value_band": ["low"] * 4, "is_control": [False, True, False, True], "lines": [10, 5, 100, 7],
            "stayed": [9, 4, 0, 0],
        }
    )  # fmt: skip
    found = of_arms(arms)

    assert found is not None
    assert (found.treated, found.controls, found.strata) == (10, 5, 1)
    assert found.difference == pytest.approx(0.1)
    assert of_arms(arms.filter(~pl.col("is_control"))) is None


def test_the_kept_share_is_of_those_who_leave_when_left_alone() -> None:
    found = stratified(*(np.array([number]) for number in (1000, 970, 1000, 960)))
    nobody = stratified(*(np.array([number]) for number in (1000, 970, 1000, 1000)))

    assert found is not None and found.kept_share == pytest.approx(0.25)
    assert nobody is not None and nobody.kept_share is None
