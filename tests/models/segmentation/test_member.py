"""Nights apply the version in force at the end of the month, each month by itself."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from models import versions
from models.segmentation.fit import fit
from models.segmentation.member import FILE, apply


def kept(folder: Path, in_force_from: date, far: float) -> None:
    values = np.concatenate([np.zeros(40), np.full(40, far)]) + np.linspace(0, 0.1, 80)
    found = fit(list(range(80)), {"data_gb": values}, numbers=range(2, 3))
    card = {"data_hash": "", "code_version": "", "evaluation": {}}
    versions.keep(folder, {FILE: found.text()}, in_force_from=in_force_from, fitted_as_of=in_force_from, **card)


def rows(*of: tuple[date, int, float | None]) -> pa.RecordBatchReader:
    month, line, data = zip(*of, strict=True)
    table = pa.table({
        "month_start": pa.array(month, pa.date32()), "subscription_key": pa.array(line, pa.int64()),
        "data_gb": pa.array(data, pa.float64()),
    })  # fmt: skip
    return table.to_reader(max_chunksize=2)


def test_a_month_takes_the_version_in_force_on_its_last_day_and_none_before_the_first(tmp_path: Path) -> None:
    kept(tmp_path, date(2026, 2, 10), far=10)
    kept(tmp_path, date(2026, 3, 31), far=1000)
    months = [date(2026, month, 1) for month in (1, 2, 3)]

    found = pa.Table.from_batches(apply(rows(*((month, 7, 10.0) for month in months)), tmp_path)).to_pylist()

    assert [(row["month_start"].month, row["version"]) for row in found] == [(2, 1), (3, 2)]
    assert found[0]["segment_id"] != found[1]["segment_id"]  # ten is much at first, and little later


def test_the_batches_in_which_rows_come_decide_nothing(tmp_path: Path) -> None:
    kept(tmp_path, date(2026, 1, 1), far=10)
    of = [(date(2026, 1, 1), line, float(line)) for line in range(11)]
    straight = pa.Table.from_batches(apply(rows(*of), tmp_path)).to_pylist()
    turned = pa.Table.from_batches(apply(rows(*reversed(of)), tmp_path)).to_pylist()

    assert sorted(straight, key=lambda row: row["subscription_key"]) == sorted(
        turned, key=lambda row: row["subscription_key"]
    )


def test_a_line_without_a_value_stands_at_the_median(tmp_path: Path) -> None:
    kept(tmp_path, date(2026, 1, 1), far=10)

    found = pa.Table.from_batches(apply(rows((date(2026, 1, 1), 1, None)), tmp_path)).to_pylist()

    assert found[0]["segment_id"] in (1, 2)
    assert np.isfinite(found[0]["distance"])


def test_without_a_version_nothing_comes(tmp_path: Path) -> None:
    assert list(apply(rows((date(2026, 1, 1), 1, 1.0)), tmp_path)) == []
