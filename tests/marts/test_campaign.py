"""The interval around a difference of two shares holds the difference, stays possible and knows no first and second."""

from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS
from tests.test_sql_cases import give_sources, set_variables

EFFECT = load_tables()["mart_campaign.campaign_effect"]
Z = {"mart_campaign.threshold": [{"module": "campaign", "confidence_z": 1.959964}]}


@st.composite
def arm(draw: st.DrawFn) -> tuple[int, int]:
    """Lines compared, and how many of them stayed."""
    compared = draw(st.integers(1, 5000))
    return compared, draw(st.integers(0, compared))


def interval(targets: tuple[int, int], controls: tuple[int, int]) -> tuple[float, float, float]:
    arms: list[dict[str, Any]] = [
        {"campaign_id": "C", "horizon_days": 60, "is_control": is_control, "compared": compared, "stayed": stayed}
        for is_control, (compared, stayed) in ((False, targets), (True, controls))
    ]
    with duckdb.connect(config={"threads": 1}) as connection:
        for macro in MACROS:
            connection.execute(macro)
        set_variables(connection, {})
        give_sources(connection, EFFECT, Z | {"mart_campaign.campaign_arm": arms})
        found = connection.execute(f"select difference_low, difference, difference_high from ({EFFECT.sql})").fetchall()
    return found[0]


@settings(max_examples=40, deadline=None)
@given(targets=arm(), controls=arm())
def test_the_interval_holds_the_difference_and_mirrors_when_the_arms_change_places(
    targets: tuple[int, int], controls: tuple[int, int]
) -> None:
    low, difference, high = interval(targets, controls)
    mirrored = interval(controls, targets)

    assert -1 <= low <= difference <= high <= 1
    assert abs(difference - (targets[1] / targets[0] - controls[1] / controls[0])) < 1e-6
    assert mirrored == (-high, -difference, -low)
    assert low < high, "a finite sample is never certain"
