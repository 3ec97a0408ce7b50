"""`bassline retention uplift` on any table, and `fit` on a small home, whose version the next lists expect."""

import json
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from pipelines.cli import app

# One pooled list: of 1,000 contacted 300 accept; 5 % of those left alone leave, and contact keeps a tenth of them.
MEASURED = """
create schema core; create schema retention;
create table core.subscriber_day as select date '2026-01-31' as day;
create table retention.effect_month as
select 'model' as list_type, date '2025-09-01' as month_start, '{list_id}' as list_id, 120 as horizon_days,
    1000 as treated, 500 as controls, 1000 as contacted_treated, 300 as accepted, 500 as compared_controls,
    0.005 as difference, 0.004 as difference_low, 0.006 as difference_high, 0.10 as kept_share;
"""


def retention(*words: object) -> Result:
    return CliRunner().invoke(app, ["retention", *map(str, words)])


def experiment(folder: Path, rows: int = 2_000) -> Path:
    """Contact keeps every fifth line, whatever it is like."""
    random = np.random.default_rng(3)
    contacted = random.random(rows) < 0.5
    left = random.random(rows) < np.where(contacted, 0.2, 0.4)
    path = folder / "experiment.csv"
    pl.DataFrame(
        {"line": np.arange(rows), "events": random.integers(0, 50, rows), "contacted": contacted, "left": left}
    ).write_csv(path)
    return path


def test_an_experiment_tells_its_effect_and_ranks_every_row(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    result = retention("uplift", "--table", experiment(tmp_path), "--treatment", "contacted", "--outcome", "left",
                       "--id", "line", "--unwanted", "--scores", scores, "--json")  # fmt: skip
    told = json.loads(result.stdout)

    assert result.exit_code == 0
    assert told["treated"] + told["controls"] == 2_000
    assert told["effect"]["low"] < 0.2 < told["effect"]["high"]
    assert told["effect"]["low"] > 0
    assert pl.read_csv(scores)["id"].n_unique() == 2_000


def test_scores_of_another_kind_of_file_are_refused(tmp_path: Path) -> None:
    result = retention("uplift", "--table", experiment(tmp_path, 100), "--treatment", "contacted", "--outcome", "left",
                       "--id", "line", "--scores", tmp_path / "scores.xls")  # fmt: skip

    assert result.exit_code == 2
    assert "scores are written as .csv or .parquet" in " ".join(result.stderr.replace("│", " ").split())


def measured(home: Path, list_id: str) -> Result:
    with duckdb.connect(home / "warehouse.duckdb") as db:
        db.execute(MEASURED.format(list_id=list_id))
    return retention("fit", "--home", home, "--json")


def test_what_lists_did_becomes_a_version_for_the_lists_after_the_last_night(tmp_path: Path) -> None:
    told = json.loads(measured(tmp_path, "all").stdout)
    expects = json.loads((tmp_path / "models" / "retention" / "0001" / "uplift.json").read_text())

    assert (told["version"], told["in_force_from"], told["accept_share"]) == (1, "2026-02-01", 0.3)
    assert expects["uplift_share"] == pytest.approx(0.1 / 0.3, abs=0.05)


def test_single_lists_are_too_few_and_the_declaration_stays_in_force(tmp_path: Path) -> None:
    result = measured(tmp_path, "202509")

    assert result.exit_code == 2
    assert "the declaration stays in force" in result.stderr
    assert not (tmp_path / "models").exists()
