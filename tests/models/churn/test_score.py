"""Months are scored by the model that was in force at their end, line by line the same in any batches."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from models import versions
from models.churn import score
from models.churn.score import SCORES, apply
from models.versions import last_day

JAN, FEB = date(2026, 1, 1), date(2026, 2, 1)


class Ranked:
    """A model whose probability is a tenth of the events."""

    def score(self, lines: pa.RecordBatch, reasons: int, carry: tuple[str, ...]) -> list[pa.RecordBatch]:
        columns = {"id": lines["subscription_key"], "score": pa.array(np.asarray(lines["events"]) / 10)}
        columns |= {"decile": pa.array([1] * lines.num_rows, pa.int8())}
        columns |= {f"reason_{place}": pa.array(["few events"] * lines.num_rows) for place in range(1, reasons + 1)}
        return [pa.RecordBatch.from_pydict(columns | {name: lines[name] for name in carry})]


@pytest.fixture
def fitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for day in (date(2026, 1, 31), date(2026, 2, 28)):
        versions.keep(
            tmp_path, {"model.json": "{}"}, in_force_from=day, fitted_as_of=date(2026, 1, 1), data_hash="",
            code_version="", evaluation={},
        )  # fmt: skip
    monkeypatch.setattr(score, "load", lambda folder: Ranked())
    return tmp_path


def scored(fitted: Path, rows: list[dict[str, object]], batch: int = 100) -> list[dict[str, object]]:
    lines = pa.table({name: [row[name] for row in rows] for name in rows[0]})
    reader = pa.table({"features": lines.to_struct_array().combine_chunks()}).to_reader(batch)
    found = pa.Table.from_batches(list(apply(reader, fitted)), SCORES)
    return sorted(found.to_pylist(), key=lambda row: (row["month_start"], row["subscription_key"]))


ROWS = [{"month_start": month, "subscription_key": key, "events": key} for month in (JAN, FEB) for key in (1, 2, 3)]


def test_each_month_is_scored_by_the_version_in_force_at_its_end(fitted: Path) -> None:
    assert [(row["month_start"], row["version"]) for row in scored(fitted, ROWS)][::3] == [(JAN, 1), (FEB, 2)]


def test_before_the_first_version_there_are_no_scores(fitted: Path) -> None:
    early = [{**row, "month_start": date(2025, 12, 1)} for row in ROWS[:3]]

    assert scored(fitted, early) == []


def test_scores_do_not_depend_on_the_batches(fitted: Path) -> None:
    assert scored(fitted, ROWS[::-1], batch=2) == scored(fitted, ROWS)


def test_the_last_day_of_a_month() -> None:
    assert [last_day(date(2024, 2, 1)), last_day(date(2025, 12, 1))] == [date(2024, 2, 29), date(2025, 12, 31)]
