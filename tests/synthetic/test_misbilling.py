"""Billing errs at the rates of the catalogue, on usage only, and the ledger names every error."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipelines.synthetic.faults_ledger import Ledger
from pipelines.synthetic.misbilling import TRUTH, erring, list_errors
from pipelines.synthetic.settings import Settings

DAY = date(2026, 2, 1)
HEAVY = Settings(100, 31, date(2026, 2, 28), faults="heavy")
ITEMS = pl.DataFrame(
    {"item_code": ["fee", "voice", "sms", "data", "roaming"] * 4_000, "amount_fen": list(range(1, 20_001))}
)


def erred(settings: Settings) -> pl.DataFrame:
    kind, billed = erring(settings, DAY, ITEMS)
    return ITEMS.with_columns(kind=kind, billed=billed)


def test_without_faults_bills_are_right() -> None:
    told = erred(replace(HEAVY, faults="none"))
    assert told["kind"].null_count() == told.height
    assert (told["billed"] == told["amount_fen"]).all()


def test_one_usage_item_in_fifty_is_lost_or_low_and_as_many_too_high_under_heavy_faults() -> None:
    counts = dict(erred(HEAVY)["kind"].drop_nulls().value_counts().iter_rows())
    assert counts.keys() == {"unbilled_usage", "over_billed"}
    assert all(0.015 < count / 16_000 < 0.025 for count in counts.values())


def test_errors_concern_usage_and_exceed_rounding() -> None:
    told = erred(HEAVY)
    gap = told["billed"] - told["amount_fen"]
    low, high = told["kind"] == "unbilled_usage", told["kind"] == "over_billed"
    assert "fee" not in set(told.filter(pl.col("kind").is_not_null())["item_code"])
    assert gap.filter(low).max() <= -5 and gap.filter(high).min() >= 5
    assert (gap.filter(told["kind"].is_null()) == 0).all()
    assert 0.5 < (told.filter(low)["billed"] == 0).mean() < 0.7


def test_the_ledger_names_line_cycle_item_and_amounts(tmp_path: Path) -> None:
    error = ("unbilled_usage", DAY, "A1", "U1", "202601", "voice", Decimal("8.40"), Decimal("0.00"))
    with Ledger(tmp_path / "fault.parquet") as ledger:
        list_errors(pl.DataFrame([error], schema=TRUTH, orient="row"), ledger)
    row = pl.read_parquet(tmp_path / "fault.parquet").row(0, named=True)
    assert (row["kind"], row["key"]) == ("unbilled_usage", "A1/U1/202601/voice")
    assert (row["original"], row["injected"], row["amount_charge"]) == ("8.40", "0.00", Decimal("-8.40"))
    assert (row["system"], row["table_name"], row["data_date"]) == ("billing", "bill_item", DAY)
