"""A learner of whom contact moves is kept as text, and nights take its word from the day on that it is in force."""

import json
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from models import versions
from models.retention.economics import declared
from models.retention.measure import learnt
from models.retention.mover import Mover, apply
from models.retention.uplift import learn

FIRST = date(2026, 2, 1)  # in force from
LINES = 4_000


def experiment() -> pl.DataFrame:
    """Contact helps lines with b above zero and hurts the others; who stays anyway depends on a."""
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, LINES))
    listed = rng.random(LINES) < 0.5
    stays = 0.7 + 0.1 * np.tanh(a) + listed * np.where(b > 0, 0.25, -0.1)
    return pl.DataFrame(
        {
            "subscription_key": np.arange(LINES),
            "was_listed": listed,
            "has_stayed": rng.random(LINES) < stays,
            "a": a,
            "b": b,
        }
    )


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retention")
    found = learn(experiment(), "was_listed", "has_stayed", "subscription_key", least_controls=1_000, is_kept=True)
    assert found.mover is not None
    expects = json.dumps({"accept_share": 0.3, "uplift_share": 0.5, "method": found.method})
    for files, begins in (
        ({"uplift.json": expects, **found.mover.files()}, FIRST),
        ({"uplift.json": "{}"}, date(2026, 4, 1)),
    ):
        versions.keep(
            folder, files, in_force_from=begins, fitted_as_of=date(2026, 1, 31), data_hash="", code_version="",
            evaluation={},
        )  # fmt: skip
    return folder


def rows(*months: date) -> pa.RecordBatchReader:
    """Rows of features, as the night hands them over."""
    frame = experiment().drop("was_listed", "has_stayed")
    table = pl.concat([frame.with_columns(month_start=pl.lit(month)) for month in months]).to_arrow()
    batches = [
        pa.record_batch([batch.to_struct_array()], ["features"]) for batch in table.to_batches(max_chunksize=999)
    ]
    return pa.RecordBatchReader.from_batches(batches[0].schema, batches)


def test_months_from_its_day_on_have_what_it_says_and_the_others_have_nothing(fitted: Path) -> None:
    told = pl.concat(map(pl.DataFrame, apply(rows(date(2026, 1, 1), FIRST, date(2026, 4, 1)), fitted)))
    helped = told.join(experiment(), on="subscription_key")

    assert told.select("month_start", "version").unique().rows() == [(FIRST, 1)]
    assert len(told) == LINES
    mean = helped.group_by(pl.col("b") > 0).agg(pl.col("kept_share").mean()).sort("b")["kept_share"]
    assert mean[1] - mean[0] == pytest.approx(0.35, abs=0.1)


def test_what_was_kept_says_the_same_as_what_was_learnt(fitted: Path) -> None:
    frame = experiment().rename(lambda name: f"of the table: {name}")
    version = versions.read(fitted / "0001")
    gains = Mover.of(version).gains(frame)
    told = pl.concat(map(pl.DataFrame, apply(rows(FIRST), fitted)))

    assert np.array_equal(told["kept_share"], np.round(gains[version.json("uplift.json")["method"]], 6))


def test_without_a_learner_no_row_is_read(tmp_path: Path) -> None:
    def unread():
        raise AssertionError("features were read")
        yield

    schema = pa.schema([("features", pa.struct([("month_start", pa.date32())]))])
    assert list(apply(pa.RecordBatchReader.from_batches(schema, unread()), tmp_path)) == []


def test_learners_learn_from_the_pooled_lists_lines_as_they_were_known_when_the_list_was_frozen() -> None:
    db = duckdb.connect()
    db.register("experiment_rows", experiment().to_arrow())
    db.execute(
        """create schema retention; create schema churn;
        create table churn.feature_month as
            select subscription_key, date '2025-12-01' as month_start, a, b from experiment_rows
            union all select subscription_key, date '2026-01-01', 0, 0 from experiment_rows;
        create table retention.list_line as
            select subscription_key, 'campaign' as list_type, 'C1' as list_id, 60 as horizon_days, has_stayed,
                date '2026-01-15' as frozen_on, date '2026-01-01' as month_start, true as is_apart,
                not was_listed as is_control
            from experiment_rows"""
    )
    pooled = {"list_type": "campaign", "horizon_days": 60, "month_start": date(2026, 1, 1)}
    found = learnt(db, pooled, declared().model_copy(update={"least_controls": 1_000}), lambda _: None)

    assert found.treated + found.controls == LINES
    assert found.method != "risk" and found.mover is not None
    assert "more than the ranking by risk" in found.reason
