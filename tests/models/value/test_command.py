"""`bassline value fit`: what it prints, and what it says of tables that tell nothing."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from typer.testing import CliRunner

from pipelines.cli import app
from tests.models.value.simulated import BG_NBD, histories

COLUMNS = ("--customer", "who", "--date", "day", "--amount", "paid")


def written(folder: Path, rows: pa.Table) -> str:
    path = folder / "shop.csv"
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute(
            f"copy (select who, date '2025-01-01' + cast(day as integer) as day, paid from rows) to '{path}' (header)"
        )
    return str(path)


def simulated(folder: Path) -> str:
    """First purchases, and repeats at times that keep frequency and recency; the last day is that of customer -1."""
    frequency, recency, age = histories(3_000, age=364)
    chance, days, who = np.random.default_rng(1), [], []
    for number, (x, last, old) in enumerate(zip(frequency.astype(int), recency, age, strict=True)):
        start = 364 - int(old)
        gaps = chance.choice(np.arange(1, max(int(last), 2)), min(max(x - 1, 0), max(int(last) - 1, 1)), replace=False)
        own = [start, *(start + gaps), *([start + max(int(last), 1)] if x else [])]
        days += own
        who += [number] * len(own)
    return written(
        folder, pa.table({"who": [*who, -1], "day": [*map(int, days), 364], "paid": [*map(float, who), 5.0]})
    )


def test_a_fit_prints_parameters_conventions_and_the_error_of_the_holdout(tmp_path: Path) -> None:
    scores = tmp_path / "scores.parquet"
    more = ("--holdout", "60", "--scores", str(scores), "--json")
    result = CliRunner().invoke(app, ["value", "fit", "--table", simulated(tmp_path), *COLUMNS, *more])

    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["conventions"]["unit"] == "day"
    assert set(found["bg_nbd"]["parameters"]) == set(BG_NBD)
    assert found["holdout"]["purchases"]["mae"] > 0
    row = duckdb.execute(
        f"select count(*), min(p_alive), max(p_alive), min(life_time_value) from '{scores}'"
    ).fetchone()
    assert row is not None
    assert row[0] == found["data"]["customers"]
    assert 0 <= row[1] <= row[2] <= 1
    assert row[3] >= 0


def test_one_transaction_each_is_refused_in_plain_words(tmp_path: Path) -> None:
    table = written(tmp_path, pa.table({"who": list(range(50)), "day": list(range(50)), "paid": [1.0] * 50}))

    result = CliRunner().invoke(app, ["value", "fit", "--table", table, *COLUMNS])

    assert result.exit_code == 2
    assert "0 of 50 customers bought again; at least 10 are needed" in result.output


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["value", "fit", "--table", str(tmp_path / "no.csv"), *COLUMNS])

    assert result.exit_code == 2
    assert "is no file" in result.output
