"""The learner: how right it is on public tables, and how long it takes on large ones.

`python -m benchmarks learner_public` trains on ibm_telco in ten runs of five folds (`learner_public=2` in two) and on
mlc_churn with its original split; every fold is a training of its own, whose settings are chosen inside it. The folder
of the public tables is BASSLINE_TEST_DATA. `python -m benchmarks learner` trains on a million rows of 150 columns and
scores ten million (`learner=100000`: so many, and ten times as many).
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.line import Line, peak_gb
from models.learner import load, train
from models.learner.evaluate import auc
from models.learner.scores import write_scores
from models.learner.table import open_table
from pipelines.engine.home import PROJECT

DATA = Path(os.environ.get("BASSLINE_TEST_DATA", PROJECT.parent / "shared" / "data"))
COLUMNS = 150


def telco() -> pl.DataFrame:
    return pl.read_csv(DATA / "ibm_telco" / "Telco-Customer-Churn.csv", infer_schema=False)


def telco_run(seed: int) -> list[float]:
    """AUC of each of five folds of one run."""
    from sklearn.model_selection import StratifiedKFold

    frame = telco()
    label = (frame["Churn"] == "Yes").to_numpy().astype(int)
    found = []
    for inside, held in StratifiedKFold(5, shuffle=True, random_state=seed).split(label, label):
        model = train(frame[inside], "Churn", "customerID")
        scores = np.concatenate([batch["score"].to_numpy() for batch in model.score(frame[held])])
        found.append(auc(label[held], scores))
    return found


def public_lines(_: Path, runs: int = 10) -> list[Line]:
    means = []
    begin = time.perf_counter()
    for seed in range(runs):
        found = telco_run(seed)
        means.append(float(np.mean(found)))
        print(f"ibm_telco, seed {seed}: AUC {means[-1]:.5f}", file=sys.stderr, flush=True)
    seconds = (time.perf_counter() - begin) / (5 * runs)
    deviation = f", deviation {np.std(means, ddof=1):.4f}" if runs > 1 else ""
    told = f"AUC {np.mean(means):.4f}{deviation}, {runs} runs of 5 folds, {seconds:.0f} s per training"
    return [Line("ibm_telco", note=told), Line("mlc_churn", note=mlc())]


def mlc() -> str:
    model = train(
        DATA / "mlc_churn" / "mlc_churn.csv", "churn", train_where="row_number <= 3333", score_where="row_number > 3333"
    )
    found = model.evaluation
    return f"AUC {found['auc']:.4f}, accuracy {found['accuracy']:.4f} on the last {found['rows']:,} rows"


def make(path: Path, rows: int, seed: int) -> None:
    """A table of 150 columns of which some twenty matter, with holes and categories, written by DuckDB."""
    numbers = [
        f"case when hash(i, {at}, {seed}) % 20 = 0 then null else round(-ln((hash(i, {at}, {seed}, 1) % 1000003 + 1) "
        f"/ 1000004.0) * {at + 1}, 3) end as n{at}"
        for at in range(COLUMNS - 10)
    ]
    levels = [f"'level ' || (hash(i, {at}, {seed}, 2) % {3 * (at + 1) ** 2})::varchar as c{at}" for at in range(10)]
    risk = " + ".join(f"{0.5 - 0.04 * at} * coalesce(n{at}, 1) / {at + 1}" for at in range(20))
    with duckdb.connect() as db:
        db.execute("set memory_limit = '4GB'; set preserve_insertion_order = false")
        db.execute(f"set temp_directory = '{path.parent / 'spill'}'")
        db.execute(
            f"""copy (select i as customer, {", ".join(numbers)}, {", ".join(levels)},
                {risk} + 0.8 * (c1 = 'level 3')::int - 4.5 as logit,
                (hash(i, {seed}, 3) % 1000003) / 1000003.0 < 1 / (1 + exp(-logit)) as churn from range({rows}) as t(i))
            to '{path}' (format parquet, row_group_size 100000)"""
        )


def lines(folder: Path, rows: int = 1_000_000) -> Iterator[Line]:
    """Each step in a process of its own, whose peak memory is measured."""
    for step in STEPS:
        # A module, not `-c`: there DuckDB takes the process for a person's and prints a progress bar among the figures.
        words = [sys.executable, "-m", "benchmarks.learner", step, str(folder), str(rows)]
        done = subprocess.run(words, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True)
        if step != "make":
            amount, seconds, peak, note = done.stdout.strip().splitlines()[-1].split("|")
            yield Line(f"learner, {step}", int(amount), "rows", float(seconds), None, float(peak))
            if note:
                yield Line(f"learner, {step}", note=note)


def make_step(folder: str, rows: int) -> None:
    make(Path(folder) / "train.parquet", rows, 1)
    make(Path(folder) / "score.parquet", 10 * rows, 2)


def train_step(folder: str, rows: int) -> None:
    begin = time.perf_counter()
    columns = ", ".join([*(f"n{at}" for at in range(COLUMNS - 10)), *(f"c{at}" for at in range(10))])
    connection = duckdb.connect()
    table = connection.sql(f"select customer, churn, {columns} from '{folder}/train.parquet'")
    model = train(table, "churn", "customer", say=lambda words: print(words, file=sys.stderr, flush=True))
    model.keep(Path(folder) / "model")
    seconds = time.perf_counter() - begin
    truth = connection.sql(f"select churn, logit from '{folder}/train.parquet'").to_arrow_table()
    label, logit = (column.to_numpy() for column in truth.columns)
    found = model.evaluation
    note = (
        f"{model.told['champion']}: AUC {found['auc']:.4f}, of the true risk {auc(label, logit):.4f}, "
        f"calibration error {found['calibration_error']:.4f}, top-decile lift {found['top_decile_lift']:.2f}"
    )
    print(f"{rows}|{seconds}|{peak_gb()}|{note}")


def score_step(folder: str, rows: int) -> None:
    begin = time.perf_counter()
    told = write_scores(load(Path(folder) / "model"), open_table(f"{folder}/score.parquet"), Path(folder) / "s.parquet")
    seconds = time.perf_counter() - begin
    print(f"{10 * rows}|{seconds}|{peak_gb()}|with reasons for the riskiest {told['explained']:,}")


STEPS = {"make": make_step, "train": train_step, "score": score_step}

if __name__ == "__main__":
    STEPS[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
