"""What is read of a table stays together, row by row, however many rows and columns it has."""

from typing import Any

import duckdb
import numpy as np
import pytest

from models.learner import learn, train


class Seen(Exception):
    """Reading is over; nothing is trained."""


def test_columns_of_one_row_stay_together_in_tables_of_several_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = []
    read = learn._read

    def seen(*given: Any) -> None:
        found.extend(read(*given))
        raise Seen

    monkeypatch.setattr(learn, "_read", seen)
    columns = ", ".join(f"(i * 7919) % 100003 + {place} as n{place}" for place in range(34))
    with duckdb.connect() as connection, pytest.raises(Seen):
        table = connection.sql(
            f"select i as id, (i * 7919) % 100003 > 50000 as left_us, {columns} from range(300000) t(i)"
        )
        train(table, "left_us", "id")

    matrix, label = found[0], found[1]
    assert np.array_equal(matrix[:, 33] - matrix[:, 0], np.full(len(matrix), 33))
    assert np.array_equal(label > 0, matrix[:, 0] > 50000)
