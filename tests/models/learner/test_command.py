"""`bassline churn train` and `score`: files in, JSON, scores and a kept model out; nothing but the answer on stdout."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from tests.models.learner.frames import customers

KEYS = {
    "auc", "pr_auc", "brier", "log_loss", "calibration_error", "accuracy", "threshold", "top_decile_lift", "empc",
    "empc_parameters", "profit_per_customer", "intervals", "rows", "features", "excluded", "champion", "validation",
    "suspects", "rows_without_label",
}  # fmt: skip


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["churn", *(str(word) for word in words)])
    return done.exit_code, done.stdout, done.stderr


def written(folder: Path, rows: int = 240) -> Path:
    path = folder / "told.csv"
    customers(rows, same=["x"] * rows).write_csv(path)
    return path


def test_a_given_split_is_trained_scored_and_told_in_json(tmp_path: Path) -> None:
    path = written(tmp_path)
    code, out, _ = run(
        "train", "--table", path, "--label", "churn", "--id", "customer", "--train-where", "row_number <= 160",
        "--score-where", "rowid >= 160", "--json", "--scores", tmp_path / "s.csv", "--out", tmp_path / "model",
    )  # fmt: skip
    told = json.loads(out)
    scores = pl.read_csv(tmp_path / "s.csv")

    assert code == 0
    assert told.keys() >= KEYS
    assert (told["rows"], told["rows_fitted"]) == (80, 160)
    assert told["excluded"] == {"same": "has one value only"}
    assert scores.columns == ["id", "score", "decile", "reason_1", "reason_2", "reason_3"]
    assert scores["id"].to_list() == pl.read_csv(path)["customer"][160:].to_list()

    code, out, _ = run("score", "--model", tmp_path / "model", "--table", path, "--scores", tmp_path / "again.parquet",
                       "--where", "row_number > 160", "--json")  # fmt: skip
    assert code == 0
    assert json.loads(out)["rows"] == 80
    assert pl.read_parquet(tmp_path / "again.parquet")["score"].to_list() == scores["score"].to_list()


def test_without_a_split_scores_are_out_of_fold_and_rows_without_label_are_scored_too(tmp_path: Path) -> None:
    frame = customers(200).with_columns(churn=pl.when(pl.int_range(200) < 20).then(None).otherwise("churn"))
    frame.write_parquet(tmp_path / "told.parquet")
    code, out, _ = run("train", "--table", tmp_path / "told.parquet", "--label", "churn", "--id", "customer",
                       "--scores", tmp_path / "s.parquet", "--json")  # fmt: skip
    scores = pl.read_parquet(tmp_path / "s.parquet")

    assert code == 0
    assert json.loads(out)["rows_without_label"] == 20
    assert scores["id"].to_list() == frame["customer"].to_list()
    assert scores["out_of_fold"].to_list() == [False] * 20 + [True] * 180
    assert scores.group_by("decile").len()["len"].to_list() == [20] * 10


def test_without_an_id_a_row_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 40)
    code, _, _ = run("train", "--table", path, "--label", "churn", "--train-where", "row_number <= 30",
                     "--score-where", "row_number > 30", "--scores", tmp_path / "s.csv")  # fmt: skip

    assert code == 0
    assert pl.read_csv(tmp_path / "s.csv")["id"].to_list() == list(range(31, 41))


def test_what_cannot_be_done_is_said_in_words_with_the_code_of_misuse(tmp_path: Path) -> None:
    path = written(tmp_path, 60)

    code, _, told = run("train", "--table", path, "--label", "contract")
    assert code == 2
    assert "label 'contract' holds 'month-to-month'" in told
    assert run("train", "--table", tmp_path / "none.csv", "--label", "churn")[0] == 2
    assert run("train", "--table", path, "--label", "churn", "--scores", tmp_path / "s.xls")[0] == 2
    assert run("score", "--model", tmp_path, "--table", path, "--scores", tmp_path / "s.csv")[0] == 1


def test_a_column_named_as_the_row_number_does_not_disturb_the_rows(tmp_path: Path) -> None:
    customers(60, row_number=[1] * 60).write_csv(tmp_path / "told.csv")
    code, _, _ = run("train", "--table", tmp_path / "told.csv", "--label", "churn", "--id", "customer", "--scores",
                     tmp_path / "s.csv")  # fmt: skip

    assert code == 0
    assert len(pl.read_csv(tmp_path / "s.csv")) == 60


def test_without_the_systems_openmp_library_the_package_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LightGBM as it is imported where libgomp.so.1 is not installed."""
    package = tmp_path / "lightgbm"
    package.mkdir()
    missing = "libgomp.so.1: cannot open shared object file: No such file or directory"
    (package / "__init__.py").write_text(f"raise OSError('{missing}')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "lightgbm"]:
        monkeypatch.delitem(sys.modules, name)

    code, out, told = run("train", "--table", written(tmp_path), "--label", "churn", "--id", "customer")

    assert (code, out) == (1, "")
    assert "bassline: gradient boosting needs libgomp.so.1" in told
    assert "on Debian and Ubuntu it is in the package libgomp1" in told and missing in told
