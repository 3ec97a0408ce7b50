"""What knows the outcome is named and left out; what is merely strong stays."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from models.learner import settings_of
from models.learner.draw import Drawn, drawn_from
from models.learner.table import label_of, table_of
from tests.models.learner.frames import LINES, customers


def drawn(frame: pl.DataFrame, **more: object) -> Drawn:
    table = table_of(frame)
    return drawn_from(table, label_of(table, "churn", "told"), settings_of(LINES), id="customer", **more)


def rules(found: Drawn) -> dict[str, str]:
    return {one["column"]: one["rule"] for one in found.told["suspects"]}


def test_columns_that_know_the_outcome_are_named_quantified_and_left_out() -> None:
    found = drawn(customers(
        2000,
        churn_score=lambda random, left: left * 1.0 + random.normal(0, 0.2, 2000),
        status=lambda random, left: np.where(left, "closed", "open"),
        leave_reason=lambda random, left: [random.choice(["price", "network"]) if one else None for one in left],
        final_bill=lambda random, left: [9.5 if one and random.random() < 0.3 else None for one in left],
        penalty=lambda random, left: left * (random.random(2000) < 0.4) * random.integers(10, 50, 2000),
        next_bill=lambda random, left: [None if one and random.random() < 0.8 else random.normal() for one in left],
    ))  # fmt: skip

    assert rules(found) == {
        "churn_score": "predicts alone", "status": "only leavers", "leave_reason": "only leavers",
        "final_bill": "only leavers", "penalty": "only leavers", "next_bill": "only leavers",
    } | {name: rule for name, rule in rules(found).items() if name == "status"}  # fmt: skip
    assert found.preparation.names == ["tenure", "contract", "fee"]
    assert "alone ranks leavers above stayers with AUC 0.99" in found.excluded["churn_score"]
    assert "--keep-suspect penalty keeps it" in found.excluded["penalty"]


def test_honest_columns_stay_however_strong_or_sparse() -> None:
    found = drawn(customers(
        3000,
        strong=lambda random, left: left * 1.9 + random.normal(0, 1, 3000),
        asked_to_port=lambda random, left: (random.random(3000) < np.where(left, 0.3, 0.01)).astype(int),
        last_call=lambda random, left: [None if random.random() < (0.5 if one else 0.1) else 3.0 for one in left],
        stayers_only=lambda random, left: [None if one or random.random() < 0.997 else 1.0 for one in left],
    ))  # fmt: skip

    assert not set(rules(found).values()) - {"strong"}
    assert set(found.preparation.names) >= {"strong", "asked_to_port", "last_call"}


def test_very_strong_is_told_but_kept() -> None:
    found = drawn(customers(3000, strong=lambda random, left: left * 2.1 + random.normal(0, 1, 3000)))

    assert rules(found) == {"strong": "strong"}
    assert "strong" in found.preparation.names


def test_a_suspect_that_somebody_vouches_for_stays() -> None:
    frame = customers(1000, penalty=lambda random, left: left * random.integers(10, 50, 1000))

    assert "penalty" not in drawn(frame).preparation.names
    assert "penalty" in drawn(frame, keep_suspect=["PENALTY"]).preparation.names


def test_a_date_after_the_observation_is_left_out_and_one_before_stays() -> None:
    days = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    frame = customers(
        900,
        month=[days[at % 3] for at in range(900)],
        joined=[days[at % 3] - timedelta(days=at % 500) for at in range(900)],
        within=[days[at % 3] + timedelta(days=at % 28) for at in range(900)],
        closed=[days[at % 3] + timedelta(days=at % 90) for at in range(900)],
    )
    found = drawn(frame, time="month")

    assert rules(found) == {"closed": "dated after"}
    assert "of 900 dates lie after the observation time" in found.excluded["closed"]
    assert {"joined", "within"} <= set(found.preparation.names)
