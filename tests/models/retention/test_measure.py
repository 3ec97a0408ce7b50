"""What was measured moves what is believed by its precision."""

import duckdb
import pytest

from models.retention.economics import declared
from models.retention.measure import NothingMeasured, measure, of_pooled


def pooled(width: float, kept: float = 0.10, controls: int = 500) -> dict[str, float]:
    """A list of which 30 % of the contacted accept and 5 % leave when left alone."""
    difference = kept * 0.05
    return {
        "contacted_treated": 1000, "accepted": 300, "kept_share": kept, "difference": difference,
        "difference_low": difference - width / 2, "difference_high": difference + width / 2,
        "compared_controls": controls,
    }  # fmt: skip


def test_a_large_experiment_replaces_the_belief_and_a_small_one_hardly_moves_it() -> None:
    economics = declared()
    measured = 0.10 / 0.30

    assert of_pooled(pooled(0.0005), economics).uplift_share == pytest.approx(measured, abs=0.002)
    assert of_pooled(pooled(0.5), economics).uplift_share == pytest.approx(economics.uplift_share, abs=0.002)
    between = of_pooled(pooled(0.02), economics)
    assert measured < between.uplift_share < economics.uplift_share
    assert between.uplift_error < economics.uplift_error


def test_it_says_that_controls_are_too_few_to_learn_line_by_line() -> None:
    assert "500 controls are fewer than 2,000" in of_pooled(pooled(0.01), declared()).reason


def test_without_a_judged_list_nothing_is_fitted() -> None:
    connection = duckdb.connect()
    connection.execute(
        """create schema retention;
        create table retention.effect_month as select 'model' as list_type, date '2026-01-01' as month_start,
            '202601' as list_id, 120 as horizon_days, 1 as treated, 1 as controls, 1 as contacted_treated,
            0 as accepted, 1 as compared_controls, 0.0 as difference, 0.0 as difference_low, 0.0 as difference_high,
            0.0 as kept_share"""
    )
    with pytest.raises(NothingMeasured, match="the declaration stays in force"):
        measure(connection, declared())
