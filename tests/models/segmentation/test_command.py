"""`bassline segmentation fit` on any table."""

import json
from pathlib import Path

import duckdb
import numpy as np
from typer.testing import CliRunner

from pipelines.cli import app
from tests.models.segmentation.test_fit import planted


def table(folder: Path) -> str:
    points, group = planted(200)
    path = folder / "lines.csv"
    np.savetxt(
        path, np.column_stack([np.arange(200), group, points]), delimiter=",", header="line,g,a,b,c,d", comments=""
    )
    return str(path)


def test_any_table_is_segmented_and_every_row_told_its_segment(tmp_path: Path) -> None:
    scores = tmp_path / "scores.parquet"
    asked = ["segmentation", "fit", "--table", table(tmp_path), "--id", "line", "--features", "a,b,c,d"]
    result = CliRunner().invoke(app, [*asked, "--scores", str(scores), "--json"])

    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert len(found["segments"]) == 4
    assert found["evaluation"]["is_distinct"]
    rows = duckdb.execute(f"select count(*), count(distinct segment_id) from '{scores}'").fetchone()
    assert rows == (200, 4)


def test_a_wrong_column_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["segmentation", "fit", "--table", table(tmp_path), "--id", "who"])

    assert result.exit_code == 2
    assert "has no column 'who'; it has line, g, a, b, c, d" in result.output
