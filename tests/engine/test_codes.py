"""Codes of sources and what they mean: declared, checked, unmapped ones told."""

from pathlib import Path

import duckdb
import pytest

from pipelines.engine.codes import code_tables
from pipelines.engine.declaration import DeclarationError
from pipelines.engine.table import load_tables

DOMAIN = """
domains:
  channel_type:
    description: Where.
    standard: {shop: In a shop., app: On a screen.}
    sources:
      crm: {S: shop, X: [{code: shop, valid_to: 2026-03-01}, {code: app, valid_from: 2026-03-01}]}
"""


def project(root: Path, text: str) -> Path:
    path = root / "pipelines" / "core" / "codes.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return root


def test_a_code_may_change_its_meaning_on_a_day(tmp_path: Path) -> None:
    ((name, _, query, _),) = code_tables(project(tmp_path, DOMAIN))
    with duckdb.connect() as connection:
        found = connection.execute(f"select source_code, valid_from::varchar, std_code from ({query}) order by all")
        rows = found.fetchall()

    assert name == "core.map_code"
    assert rows == [("S", "1900-01-01", "shop"), ("X", "1900-01-01", "shop"), ("X", "2026-03-01", "app")]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("S: shop", "S: shp", "'S' means 'shp', which is no standard code; there are shop, app"),
        ("valid_from: 2026-03-01", "valid_from: 2026-02-01", "'X' has two meanings on one day"),
        ("app: On", "UNK: On", "stands for codes without a meaning"),
        ("standard:", "standrd:", "expected 'standard'"),
    ],
)
def test_a_mistake_is_told_with_the_way_out(old: str, new: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=told):
        list(code_tables(project(tmp_path, DOMAIN.replace(old, new))))


def test_two_core_tables_read_the_codes() -> None:
    tables = load_tables()

    assert {name for name, table in tables.items() if "core.map_code" in table.sources} >= {
        "core.fct_subscription_event", "core.subscriber_day",
    }  # fmt: skip
