"""What is read of a table stays together, row by row, however many rows and columns it has."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from benchmarks.learner import make
from models.learner import draw, train


class Seen(Exception):
    """Reading is over; nothing is trained."""


def test_columns_of_one_row_stay_together_in_tables_of_several_row_groups(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: list[Any] = []
    read = draw._read

    def seen(*given: Any) -> None:
        found.extend(read(*given))
        raise Seen

    monkeypatch.setattr(draw, "_read", seen)
    path = tmp_path / "wide.parquet"
    make(path, 150_000, seed=1)
    with duckdb.connect() as connection, pytest.raises(Seen):
        train(connection.sql(f"select * exclude (logit) from '{path}'"), "churn", "customer")

    with duckdb.connect() as connection:
        held = connection.sql(f"select customer, churn, n0 from '{path}' order by customer").fetchnumpy()
    matrix, label, number = found[0], found[1], found[4] - found[4].min()
    assert np.array_equal(label > 0, held["churn"][number])
    assert np.array_equal(matrix[:, 0], held["n0"].filled(np.nan)[number].astype(np.float32), equal_nan=True)
