"""Where lines stand in a small graph, by hand; and that the order in which rows come changes nothing."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from models.churn.graph import apply

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)


def standing(edges: list[tuple[date, int, int | None, int | None]]) -> list[dict[str, object]]:
    names = ("month_start", "subscription_key", "other_subscription_key", "made")
    columns = dict(zip(names, map(list, zip(*edges, strict=True)), strict=True))
    types = dict(zip(names, (pa.date32(), pa.int64(), pa.int64(), pa.int32()), strict=True))
    table = pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
    found = pa.Table.from_batches(list(apply(table.to_reader(), Path("none"))))
    return sorted(found.to_pylist(), key=lambda row: (row["month_start"], row["subscription_key"]))


TRIANGLE = [(JAN, a, b, 1) for a in (1, 2, 3) for b in (1, 2, 3) if a != b]


def test_a_triangle_is_closed_and_a_line_without_contacts_is_alone() -> None:
    *three, alone = standing([*TRIANGLE, (JAN, 9, None, None)])

    assert {(row["clustering"], row["community_key"], row["community_size"]) for row in three} == {(1.0, 1, 3)}
    assert len({row["page_rank"] for row in three}) == 1
    assert (alone["clustering"], alone["community_key"], alone["community_size"]) == (None, 9, 1)
    assert alone["page_rank"] < three[0]["page_rank"]


def test_who_is_called_by_all_ranks_highest_and_ranks_average_one() -> None:
    rows = standing([(JAN, 1, 3, 5), (JAN, 2, 3, 1), (JAN, 3, None, None)])

    assert [row["own_degree_in"] for row in rows] == [0, 0, 2]
    assert rows[2]["page_rank"] == max(row["page_rank"] for row in rows)
    assert np.mean([row["page_rank"] for row in rows]) == pytest.approx(1, abs=0.001)


def test_the_strongest_contact_decides_the_community() -> None:
    """2 talks most with 1, 3 and 4 with each other; the thin tie between the pairs joins nobody."""
    pairs = [(1, 2, 9), (3, 4, 9), (2, 3, 1)]
    rows = standing([(JAN, a, b, n) for x, y, n in pairs for a, b in ((x, y), (y, x))])

    assert [row["community_key"] for row in rows] == [1, 1, 3, 3]


def test_months_are_apart_and_order_does_not_matter() -> None:
    edges = [*TRIANGLE, (FEB, 1, 2, 4), (FEB, 2, 3, 1), (FEB, 3, None, None)]

    assert standing(edges) == standing(edges[::-1])
    assert standing(edges)[:3] == standing(TRIANGLE)
