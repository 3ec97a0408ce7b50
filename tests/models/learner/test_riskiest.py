import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.learner.riskiest import Riskiest

SCORES = st.lists(st.integers(0, 5), min_size=1, max_size=60)
OTHERS = st.dictionaries(st.integers(0, 59), st.integers(0, 9))


@given(
    scores=SCORES,
    most=st.integers(1, 12),
    cut=st.integers(1, 9),
    other=OTHERS,
)
def test_the_rows_kept_are_those_that_sorting_all_of_them_would_put_first(
    scores: list[int], most: int, cut: int, other: dict[int, int]
) -> None:
    rows = np.arange(len(scores))
    held = (np.array(list(other), np.int64), np.array(list(other.values()), float))
    riskiest = Riskiest(most, held)
    for begin in range(0, len(scores), cut):
        part = rows[begin : begin + cut]
        riskiest.offer(part, np.array(scores, float)[part], part[:, None] * 10)
    judged = [other.get(row, score) for row, score in enumerate(scores)]
    expected = sorted(sorted(rows.tolist(), key=lambda row: (-judged[row], row))[:most])
    found, matrix = riskiest.found()
    assert found.tolist() == expected
    assert matrix[:, 0].tolist() == [10 * row for row in expected]
