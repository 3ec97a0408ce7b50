"""Every format that source systems deliver ends as the same kind of row."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from pipelines.engine.home import Home
from tests.engine.landed import DAY, Installation

COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "bill_no": {"type": "bigint", "required": True},
    "account": {"type": "varchar", "key": "account"},
    "amount": {"type": "decimal(18,2)"},
    "issued_on": {"type": "date"},
    "is_paid": {"type": "boolean"},
}
EXPECTED = [(1, 1, Decimal("12.50"), date(2026, 1, 4), True), (2, None, Decimal("-3.00"), None, False)]
ROWS = "bill_no, account_key, amount, issued_on, is_paid"


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(Home(tmp_path).prepared())


def table(fmt: str, ext: str, columns: Mapping[str, Any] = COLUMNS, **more: Any) -> dict[str, Any]:
    return {"files": f"bill_{{date}}.r{{redo}}.{ext}", "format": fmt, "mode": "append", "columns": dict(columns)} | more


def test_fixed_width(site: Installation) -> None:
    widths = {"bill_no": 6, "account": 8, "amount": 10, "issued_on": 8, "is_paid": 1}
    columns = {name: dict(column) | {"width": widths[name]} for name, column in COLUMNS.items()}
    columns["issued_on"]["format"] = "%Y%m%d"
    site.contract = {"bill": table("fixed", "txt", columns, encoding="ascii")}
    good = f"{1:>6}{'A1':<8}{'12.50':>10}202601041\n{2:>6}{'':<8}{'-3.00':>10}{'':8}0\n"
    site.deliver((good + "too short\n").encode(), rows=3, table="bill")

    assert site.outcome().rejected == 1
    assert site.lake(ROWS, "bill") == EXPECTED
    assert site.quarantined() == [(3, None, "structure")]


def test_json_lines(site: Installation) -> None:
    site.contract = {"bill": table("jsonl", "jsonl")}
    rows = [
        {"bill_no": 1, "account": "A1", "amount": 12.50, "issued_on": "2026-01-04", "is_paid": True, "new_key": 1},
        {"bill_no": 2, "account": None, "amount": "-3.00", "is_paid": False},
    ]
    good = "".join(json.dumps(row) + "\n" for row in rows)
    site.deliver((good + '{"bill_no": 3\n5\n').encode(), rows=4, table="bill")

    outcome = site.outcome()
    assert outcome.notes == ("surplus column 'new_key': 1 values kept in _extra; declare it in the contract to use it",)
    assert site.lake(ROWS, "bill") == EXPECTED
    assert site.quarantined() == [(3, None, "structure"), (4, None, "structure")]


def test_nested_lists_stay_nested_and_their_elements_are_judged(site: Installation) -> None:
    stage = {"stage": {"type": "varchar", "required": True}, "at": {"type": "timestamp", "required": True}}
    columns = {"ticket_no": {"type": "varchar", "required": True}, "stages": {"type": "list", "items": stage}}
    site.contract = {"bill": table("jsonl", "jsonl", columns)}
    good = {"ticket_no": "T1", "stages": [{"stage": "opened", "at": "2026-01-05T10:00:00+08:00"}]}
    bad = {"ticket_no": "T2", "stages": [{"stage": "opened", "at": "yesterday"}]}
    empty = {"ticket_no": "T3", "stages": []}
    content = "".join(json.dumps(row) + "\n" for row in (good, bad, empty))
    site.deliver(content.encode(), rows=3, table="bill")
    site.ingest()

    opened = {"stage": "opened", "at": datetime(2026, 1, 5, 2, 0)}
    assert site.lake("ticket_no, stages", "bill") == [("T1", [opened]), ("T3", [])]
    assert site.quarantined() == [(2, "stages.at", "type")]


def test_json_document(site: Installation) -> None:
    site.contract = {"bill": table("json", "json", relation="bills")}
    bills = [
        {"bill_no": 1, "account": "A1", "amount": 12.5, "issued_on": "2026-01-04", "is_paid": True},
        {"bill_no": 2, "account": "", "amount": -3, "issued_on": None, "is_paid": False},
    ]
    site.deliver(json.dumps({"bills": bills}).encode(), rows=2, table="bill")
    site.deliver(b'{"bills": [', rows=2, table="bill", redo=1)
    site.deliver(b'{"accounts": []}', rows=0, table="bill", redo=2)

    loaded, broken, other = site.ingest().outcomes
    assert loaded.status == "loaded"
    assert site.lake(ROWS, "bill") == EXPECTED
    assert "not valid JSON" in (broken.reason or "")
    assert "no list 'bills'" in (other.reason or "")


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def bills(**changed: pl.Expr | pl.Series) -> pl.DataFrame:
    """The two bills in native types, columns in another order than the contract's."""
    frame = pl.DataFrame(
        {
            "is_paid": [True, False],
            "issued_on": [date(2026, 1, 4), None],
            "bill_no": [1, 2],
            "account": ["A1", None],
            "amount": [Decimal("12.50"), Decimal("-3.00")],
        },
        schema_overrides={"amount": pl.Decimal(18, 2)},
    )
    return frame.with_columns(**changed)


def test_parquet_columns_are_found_by_name(site: Installation) -> None:
    site.contract = {"bill": table("parquet", "parquet", control_sums=["amount"])}
    site.deliver(parquet(bills()), rows=2, table="bill", sums={"amount": "9.50"})
    assert site.outcome().reason is None
    assert site.lake(ROWS, "bill") == EXPECTED


def test_parquet_files_of_different_types_are_loaded_together(site: Installation) -> None:
    site.contract = {"bill": table("parquet", "parquet")}
    site.deliver(parquet(bills()), rows=2, table="bill")
    texts = bills(bill_no=pl.Series(["3", "x"]), issued_on=pl.Series(["2026-01-04", None]))
    site.deliver(parquet(texts), rows=2, table="bill", redo=1)
    site.ingest()
    assert site.lake("bill_no, issued_on, row_no", "bill") == [
        (1, date(2026, 1, 4), 1),
        (2, None, 2),
        (3, date(2026, 1, 4), 1),
    ]
    assert site.quarantined() == [(2, "bill_no", "type")]


def test_a_float_for_an_exact_number_is_refused(site: Installation) -> None:
    site.contract = {"bill": table("parquet", "parquet")}
    site.deliver(parquet(bills(amount=pl.Series([12.5, -3.0]))), rows=2, table="bill")
    assert "column 'amount' is double, the contract says decimal(18,2)" in site.refused()


def test_a_finer_decimal_than_declared_is_quarantined(site: Installation) -> None:
    site.contract = {"bill": table("parquet", "parquet")}
    amounts = pl.Series([Decimal("12.501"), Decimal("-3.000")], dtype=pl.Decimal(18, 3))
    site.deliver(parquet(bills(amount=amounts)), rows=2, table="bill")
    assert site.outcome().rejected == 1
    assert site.quarantined() == [(1, "amount", "precision")]


def test_other_tools_read_the_lake(site: Installation) -> None:
    site.contract = {"bill": table("parquet", "parquet")}
    site.deliver(parquet(bills()), rows=2, table="bill")
    site.ingest()
    (part,) = site.home.lake.glob("ops/**/*.parquet")
    assert pl.read_parquet(part)["amount"].to_list() == pq.read_table(part)["amount"].to_pylist()


def test_a_truncated_parquet_file_is_refused(site: Installation) -> None:
    site.contract = {"bill": table("parquet", "parquet")}
    site.deliver(parquet(bills())[:-20], rows=2, table="bill")
    assert "not a readable Parquet file" in site.refused()


def test_parquet_moments_with_a_zone_are_moments_and_without_one_local(site: Installation) -> None:
    columns = {"local_at": {"type": "timestamp"}, "zoned_at": {"type": "timestamp"}}
    site.contract = {"bill": table("parquet", "parquet", columns)}
    at = datetime(2026, 1, 5, 10)
    frame = pl.DataFrame({"local_at": [at], "zoned_at": [at]}).with_columns(
        pl.col("zoned_at").dt.replace_time_zone("Europe/Berlin")
    )
    site.deliver(parquet(frame), rows=1, table="bill")
    site.ingest()
    assert site.lake("local_at, zoned_at", "bill") == [(datetime(2026, 1, 5, 2), datetime(2026, 1, 5, 9))]


def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("bills")
        sheet.write_row(0, 0, list(COLUMNS))
        sheet.write_row(1, 0, [1, "A1", 12.5])
        sheet.write_datetime(1, 3, datetime(2026, 1, 4), day)
        sheet.write_row(1, 4, [1])
        sheet.write_row(2, 0, [2, "", -3, "", 0])
    return buffer.getvalue()


def test_excel_sheet(site: Installation) -> None:
    site.contract = {"bill": table("excel", "xlsx", relation="bills")}
    site.deliver(workbook(), rows=2, table="bill")
    site.deliver(workbook()[:500], rows=2, table="bill", redo=1)
    loaded, broken = site.ingest().outcomes
    assert loaded.reason is None
    assert site.lake(ROWS, "bill") == EXPECTED
    assert "not a readable workbook" in (broken.reason or "")


def test_a_workbook_that_unpacks_too_far_is_refused(site: Installation) -> None:
    site.contract = {"bill": table("excel", "xlsx", relation="bills")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 50_000_000)
    site.deliver(buffer.getvalue(), rows=2, table="bill")
    assert "unpacks to more than 100 times its size" in site.refused()


def database(path: Path) -> bytes:
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table bills (bill_no integer, account text, amount text, issued_on text, is_paid int)"
        )
        connection.execute("insert into bills values (1, 'A1', '12.50', '2026-01-04', 1), (2, null, '-3.00', null, 0)")
    return path.read_bytes()


def test_sqlite_table_in_a_file_of_several_tables(site: Installation, tmp_path: Path) -> None:
    shared = {"files": "ops_{date}.r{redo}.sqlite"}
    site.contract = {
        "bill": table("sqlite", "sqlite", relation="bills") | shared,
        "gone": table("sqlite", "sqlite", relation="gone") | shared,
    }
    content = database(tmp_path / "made.sqlite")
    site.deliver(content, rows=2, table="bill")
    site.deliver(content, rows=0, table="gone")

    loaded, refused = site.ingest().outcomes
    assert loaded.reason is None
    assert site.lake(ROWS, "bill") == EXPECTED
    assert "table 'gone' cannot be read" in (refused.reason or "")


def test_reserved_words_are_good_column_names(site: Installation) -> None:
    columns = {"order": {"type": "bigint"}, "at": {"type": "timestamp"}, "group": {"type": "varchar", "key": "group"}}
    site.contract = {
        "bill": table("csv", "csv", columns, event_time="at", cluster_by=["order"], control_sums=["order"])
    }
    content = f"order,at,group\n1,{DAY} 10:00:00,A\n"
    site.deliver(content.encode(), rows=1, table="bill", sums={"order": 1})
    assert site.outcome().reason is None
    assert site.lake('"order", event_day, group_key', "bill") == [(1, DAY, 1)]
