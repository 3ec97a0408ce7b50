"""The length of a list: no other one is expected to bring more."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.retention.economics import EconomicsError, choose, declared, millionths

AMOUNTS = st.integers(-50, 100)
CANDIDATES = st.lists(st.tuples(AMOUNTS, st.integers(0, 30)), max_size=30)
LIMIT = st.none() | st.integers(0, 200)


def arrays(candidates: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    profit, cost = (np.array([each[at] for each in candidates], dtype=np.int64) for at in (0, 1))
    return profit, cost, np.arange(len(candidates))


@given(CANDIDATES, LIMIT, LIMIT)
def test_no_other_length_within_the_limits_is_expected_to_bring_more(
    candidates: list[tuple[int, int]], budget: int | None, capacity: int | None
) -> None:
    profit, cost, key = arrays(candidates)
    choice = choose(profit, cost, key, budget=budget, capacity=capacity)

    def is_allowed(length: int) -> bool:
        spent = int(cost[choice.order[:length]].sum())
        return (budget is None or spent <= budget) and (capacity is None or length <= capacity)

    brings = {length: int(profit[choice.order[:length]].sum()) for length in range(len(profit) + 1)}
    allowed = [length for length in brings if is_allowed(length)]
    assert choice.length in allowed
    assert brings[choice.length] == max(brings[length] for length in allowed)
    assert choice.length == min(length for length in allowed if brings[length] == brings[choice.length])
    assert choice.expected(choice.length) == brings[choice.length]
    assert sorted(choice.order) == list(key)


@given(st.lists(AMOUNTS, max_size=8), LIMIT, LIMIT)
def test_where_contacts_cost_the_same_no_other_set_of_lines_brings_more(
    amounts: list[int], budget: int | None, capacity: int | None
) -> None:
    profit, cost, key = arrays([(amount, 10) for amount in amounts])
    choice = choose(profit, cost, key, budget=budget, capacity=capacity)

    most = min(len(profit) if capacity is None else capacity, len(profit) if budget is None else budget // 10)
    sets = (each for size in range(min(most, len(profit)) + 1) for each in combinations(profit.tolist(), size))
    assert choice.expected(choice.length) == max(map(sum, sets))


@pytest.mark.parametrize(
    ("limits", "length", "reason"),
    [
        ({}, 3, "the next candidate would cost more than it brings"),
        ({"capacity": 2}, 2, "the capacity ends it; without limits 3 lines would be expected to bring 1.00 more"),
        ({"budget": 15_000_000}, 1, "the budget ends it; without limits 3 lines would be expected to bring 3.00 more"),
        ({"capacity": 0}, 0, "the capacity ends it; without limits 3 lines would be expected to bring 8.00 more"),
    ],
)
def test_a_list_says_why_it_ends(limits: dict[str, int], length: int, reason: str) -> None:
    profit, cost = millionths(np.array([2, 5, -1, 1])), millionths(np.full(4, 10.0))
    choice = choose(profit, cost, np.arange(4), **limits)

    assert (choice.length, choice.reason) == (length, reason)
    assert choice.listed.tolist() == [1, 0, 3][:length]


def test_a_list_that_would_lose_money_is_empty_and_says_so() -> None:
    choice = choose(np.array([-1, -2]), np.array([1, 1]), np.arange(2))

    assert (choice.length, choice.reason) == (0, "no candidate is expected to bring more than it costs")


def test_equal_candidates_are_ranked_by_key() -> None:
    choice = choose(np.array([5, 5, 5]), np.array([1, 1, 1]), np.array([30, 10, 20]), capacity=2)

    assert choice.listed.tolist() == [1, 2]


def test_a_line_brings_the_margin_of_the_months_that_it_then_stays() -> None:
    economics = declared()
    stays = (1 - 0.19) ** (1 / economics.horizon_months) / (1 + economics.monthly_discount)
    by_hand = sum(100 * economics.margin_share * stays**month for month in range(1, economics.life_months + 1))

    safe, risky = economics.value(np.array([100.0, 100.0]), np.array([0.0, 0.19]))

    assert risky == pytest.approx(by_hand)
    assert risky < safe < 100 * economics.margin_share * economics.life_months


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "contact_amt: 3.50",
            "contact_amt: -1",
            "contact_amt: found -1, expected: input should be greater than or equal",
        ),
        ("contact_amt: 3.50", "contact_amount: 3.50", "contact_amount: found 3.5, expected: extra inputs"),
        ("control_share: 0.08", "control_share: 0.2", "control_share: found 0.2, expected: input should be less than"),
        ("capacity: null ", "", "capacity: found nothing, expected: field required"),
    ],
)
def test_a_mistake_names_file_key_value_and_what_is_expected(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = Path("models/retention/economics.yaml").read_text()
    assert old in text
    path = tmp_path / "economics.yaml"
    path.write_text(text.replace(old, new))

    with pytest.raises(EconomicsError, match=told) as raised:
        declared(path)
    assert str(path) in str(raised.value)
