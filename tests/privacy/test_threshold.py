"""Groups of fewer than ten people cannot be seen, nor found by subtraction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.privacy.threshold import K, few_apart, hidden, redacted, too_close


def test_a_table_without_small_groups_is_shown_whole() -> None:
    assert hidden({("A",): 10, ("B",): 99}) == set()


def test_a_small_group_takes_the_next_smallest_of_its_line_with_it() -> None:
    assert hidden({("A",): 3, ("B",): 50, ("C",): 12}) == {("A",), ("C",)}


def test_small_groups_that_are_few_people_together_take_another_one() -> None:
    assert hidden({("A",): 1, ("B",): 2, ("C",): 40, ("D",): 30}) == {("A",), ("B",), ("D",)}


def test_in_a_table_of_two_dimensions_rows_and_columns_are_protected() -> None:
    people = {("A", "x"): 3, ("A", "y"): 20, ("A", "z"): 90, ("B", "x"): 30, ("B", "y"): 40, ("B", "z"): 50}
    assert hidden(people) == {("A", "x"), ("A", "y"), ("B", "x"), ("B", "y")}


def test_hidden_rows_keep_their_dimensions_only() -> None:
    rows = [("A", 3, 1.5), ("B", 50, 2.5), ("C", 12, 3.5)]
    assert redacted(rows, [0], 1) == ([("A", None, None), ("B", 50, 2.5), ("C", None, None)], 2)


@given(st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(0, 40), min_size=1))
def test_nothing_hidden_can_be_subtracted(people: dict[tuple[int, int], int]) -> None:
    gone = hidden(people)

    assert {cell for cell, size in people.items() if size < K} <= gone
    for place in (0, 1):
        for value in {cell[place] for cell in people}:
            line = [cell for cell in people if cell[place] == value]
            lost = [cell for cell in line if cell in gone]
            assert not lost or lost == line or (len(lost) > 1 and sum(people[cell] for cell in lost) >= K)


@pytest.mark.parametrize(
    ("now", "before", "close"),
    [
        ({("A",): 20}, {("A",): 20}, []),
        ({("A",): 20}, {("A",): 30}, []),
        ({("A",): 20}, {("A",): 29}, [("A",)]),
        ({("A",): 20, ("B",): 30}, {("A",): 32, ("B",): 13}, [()]),
    ],
)
def test_tables_that_differ_by_a_few_people_are_too_close(
    now: dict[tuple[str], int], before: dict[tuple[str], int], close: list[tuple[str, ...]]
) -> None:
    assert too_close(now, before) == close


def test_lists_that_differ_by_a_few_people_are_few_apart() -> None:
    assert few_apart(range(20), range(20)) == 0
    assert few_apart(range(20), range(2, 23)) == 5
    assert few_apart(range(20), range(40)) == 0
