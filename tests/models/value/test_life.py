"""Hazards by tenure become months within a horizon, by hand for small cases."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from models.value.life import LONGEST, apply, life_table


def seen(tenure: int, at_risk: int, lost: int, **more: Any) -> dict[str, Any]:
    settled = {"discount_rate": 0.0, "horizon_months": 3, "hazard_prior": 0}
    return {"tenure_months": tenure, "at_risk": at_risk, "lost": lost} | settled | more


def test_a_line_passes_the_hazards_of_the_tenures_before_it() -> None:
    table = life_table([seen(0, 10, 5), seen(1, 10, 1), seen(2, 10, 0)])

    assert table[0]["survival"] == pytest.approx(0.5 * 0.9 * 1.0)
    assert table[0]["expected_months"] == pytest.approx(0.5 + 0.45 + 0.45)
    assert table[1]["expected_months"] == pytest.approx(0.9 + 0.9 + 0.9)
    assert len(table) == LONGEST + 1


def test_later_months_count_less_and_no_rate_makes_both_the_same() -> None:
    plain, discounted = life_table([seen(0, 10, 5)])[0], life_table([seen(0, 10, 5, discount_rate=0.1)])[0]

    assert plain["discounted_months"] == plain["expected_months"]
    first, then = 0.5 / 1.1 ** (1 / 12), 0.5 / 1.1 ** (2 / 12) + 0.5 / 1.1 ** (3 / 12)
    assert discounted["discounted_months"] == pytest.approx(first + then, abs=1e-6)


def test_a_tenure_that_was_hardly_seen_has_about_the_hazard_of_all() -> None:
    table = life_table([seen(0, 1000, 100, hazard_prior=200), seen(1, 1, 1, hazard_prior=200)])

    assert table[1]["hazard"] == pytest.approx((1 + 200 * 101 / 1001) / 201, abs=1e-6)
    assert table[5]["hazard"] == pytest.approx(101 / 1001, abs=1e-6)


def test_months_and_pay_types_are_taken_each_by_itself_in_whatever_order_they_come() -> None:
    rows = [
        {"month_start": date(2026, month, 1), "pay_type": pay_type} | seen(0, 10, lost)
        for month, pay_type, lost in ((2, "prepaid", 5), (1, "prepaid", 1), (1, "postpaid", 0))
    ]

    straight = apply(pa.Table.from_pylist(rows).to_reader(), Path())
    turned = apply(pa.Table.from_pylist(rows[::-1]).to_reader(), Path())

    assert straight == turned
    first = [row for row in straight.to_pylist() if row["tenure_months"] == 0]
    assert [(row["month_start"].month, row["pay_type"], row["hazard"]) for row in first] == [
        (1, "postpaid", 0.0), (1, "prepaid", 0.1), (2, "prepaid", 0.5),
    ]  # fmt: skip


def test_nothing_lost_and_nothing_at_risk_give_a_table_still() -> None:
    assert life_table([seen(0, 0, 0)])[0]["expected_months"] == 3
    assert apply(pa.Table.from_pylist([], schema=pa.schema([])).to_reader(), Path()).num_rows == 0
