"""Troubles of the operator's life are on the ledger, taken from what the world says is true."""

from datetime import date, datetime
from pathlib import Path

import polars as pl

from pipelines.synthetic.faults_ledger import Ledger
from pipelines.synthetic.faults_world import list_troubles
from pipelines.synthetic.settings import Settings

SETTINGS = Settings(100, 31, date(2026, 1, 31))
LINES = pl.DataFrame(
    {
        "line": [0, 1],
        "user_id": ["U0", "U1"],
        "is_test": [0, 1],
        "activated_at": [datetime(2025, 3, 1), datetime(2026, 1, 9)],
    }
)
PLANS = pl.DataFrame(
    {
        "plan_id": ["P1", "P1", "P2"],
        "plan_version": [1, 2, 1],
        "name_zh": ["神州行", "动感地带", "全球通"],
        "valid_from": [date(2024, 1, 1), date(2026, 1, 20), date(2024, 1, 1)],
    }
)


def listed(path: Path, spells: list[tuple]) -> list[tuple]:
    names = ["line", "from_at", "msisdn", "imsi"]
    with Ledger(path) as ledger:
        list_troubles(LINES, pl.DataFrame(spells, schema=names, orient="row"), PLANS, SETTINGS, ledger)
    return pl.read_parquet(path).select("kind", "key", "original", "injected", "data_date", "user_id", "msisdn").rows()


def test_the_ledger_lists_recycled_numbers_new_cards_reused_plans_and_test_lines(tmp_path: Path):
    spells = [
        (0, datetime(2025, 3, 1), "13900000001", "460001"),
        (0, datetime(2026, 1, 5), "13900000002", "460002"),
        (1, datetime(2026, 1, 9), "13900000001", "460003"),
        (1, datetime(2026, 1, 11), "13900000001", "460004"),
    ]
    assert listed(tmp_path / "fault.parquet", spells) == [
        ("recycled_number", "13900000001", "U0", "U1", date(2026, 1, 9), "U1", "13900000001"),
        ("sim_swap", "U1", "460003", "460004", date(2026, 1, 11), "U1", "13900000001"),
        ("plan_id_reuse", "P1", "神州行", "动感地带", date(2026, 1, 20), None, None),
        ("test_user", "U1", "customer", "test", date(2026, 1, 9), "U1", None),
    ]


def test_what_happened_before_the_history_is_not_listed(tmp_path: Path):
    spells = [(1, datetime(2025, 1, 1), "13900000001", "460001"), (1, datetime(2025, 2, 1), "13900000001", "460002")]
    assert {row[0] for row in listed(tmp_path / "fault.parquet", spells)} == {"plan_id_reuse", "test_user"}
