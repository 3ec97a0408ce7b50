"""Limits of a module: one row that queries read, typed and explained."""

from pathlib import Path

import duckdb
import pytest

from pipelines.engine.declaration import DeclarationError
from pipelines.engine.threshold import threshold_tables

LIMITS = """
thresholds:
  low_charge_amt: {value: 10.50, type: "decimal(18,2)", meaning: Charges below which a line counts as hardly used.}
  watched_from: {value: "2026-02-01", type: date, meaning: First day looked at.}
"""


def module(root: Path, text: str) -> Path:
    path = root / "marts" / "toy" / "threshold.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return root


def test_limits_are_one_typed_row(tmp_path: Path) -> None:
    ((name, header, query, _),) = threshold_tables(module(tmp_path, LIMITS))
    with duckdb.connect() as connection:
        rows = connection.execute(f"select module, low_charge_amt::varchar, watched_from::varchar from ({query})")
        found = rows.fetchall()

    assert (name, found) == ("mart_toy.threshold", [("toy", "10.50", "2026-02-01")])
    assert header["columns"]["watched_from"] == "date - First day looked at."


def test_a_limit_without_a_meaning_is_refused(tmp_path: Path) -> None:
    text = "thresholds:\n  low: {value: 1, type: integer}\n"

    with pytest.raises(DeclarationError, match=r"threshold.yaml:2: 'meaning' is missing"):
        list(threshold_tables(module(tmp_path, text)))
