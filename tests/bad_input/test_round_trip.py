"""Any rows written in any declared form come back equal; any bytes turned in a valid file are loaded, or told."""

import gzip
import io
import json
import os
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.engine.home import Home
from tests.bad_input.case import NOON
from tests.engine.landed import Installation

ENCODINGS = ("utf-8", "gb18030", "utf-16", "utf-16-be", "utf-32", "latin-1", "big5", "cp1252", "shift_jis")
DELIMITERS = (",", ";", "|", "\t", "||", "~", "^", "\x01", "::")
COLUMNS = {"no": {"type": "bigint"}, "a": {"type": "varchar"}, "b": {"type": "varchar"}}
Row = tuple[int, str | None, str | None]
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@contextmanager
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory() as folder:
        yield Installation(Home(Path(folder)).prepared(), {})


def table(**more: Any) -> dict[str, Any]:
    return {"files": "t_{date}.r{redo}.x", "mode": "append", "columns": COLUMNS, "max_reject_share": 0, **more}


def csv_text(rows: list[Row], delimiter: str, quote: str, newline: str, always: bool) -> str:
    """The rows as a careful sender writes them: quoted where a value holds what would end it."""

    def field(value: object) -> str:
        text = "" if value is None else str(value)
        special = (quote, "\n", "\r", *delimiter, " ")
        if quote and text and (always or any(one in text for one in special)):
            return quote + text.replace(quote, quote * 2) + quote
        return text

    return "".join(newline.join([delimiter.join(map(field, row)), ""]) for row in [("no", "a", "b"), *rows])


def encodable(encoding: str) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            return text.encode(encoding).decode(encoding) == text
        except UnicodeError:
            return False

    return fits


@st.composite
def forms(draw: st.DrawFn) -> tuple[list[Row], dict[str, Any], bytes]:
    """Rows, the contract of their file, and the file."""
    encoding, delimiter = draw(st.sampled_from(ENCODINGS)), draw(st.sampled_from(DELIMITERS))
    quote = draw(st.sampled_from(('"', "'", "")))
    letters = st.characters(
        exclude_categories=["Cs"], exclude_characters="\0\r\ufeff" + ("" if quote else f"\n{delimiter}")
    )
    words = st.one_of(st.none(), st.text(letters, min_size=1, max_size=12).filter(encodable(encoding)))
    numbers = st.integers(-(2**63), 2**63 - 1)
    rows = draw(st.lists(st.tuples(numbers, words, words), min_size=1, max_size=8))
    newline, always = draw(st.sampled_from(("\n", "\r\n", "\r"))), draw(st.booleans())
    content = csv_text(rows, delimiter, quote, newline, always).encode(encoding)
    packed = draw(st.booleans())
    form = {"format": "csv", "encoding": encoding, "delimiter": delimiter, "quote": quote}
    contract = table(**form, compression="gzip" if packed else "none")
    return rows, contract, gzip.compress(content) if packed else content


@QUICK
@given(st.lists(forms(), min_size=8, max_size=8))
def test_rows_in_any_declared_csv_come_back_equal(written: list[tuple[list[Row], dict[str, Any], bytes]]) -> None:
    with installation() as site:
        for n, (rows, contract, content) in enumerate(written):
            site.contract[f"t{n}"] = contract | {"files": f"t{n}_{{date}}.r{{redo}}.x"}
            site.deliver(content, rows=len(rows), table=f"t{n}")
        found = {one.table: one for one in site.ingest().outcomes}
        for n, (rows, contract, content) in enumerate(written):
            outcome = found[f"t{n}"]
            assert (outcome.reason, outcome.rejected) == (None, 0), (contract, content, site.originals())
            expected = [(no, *(None if text == "\\N" else text for text in texts)) for no, *texts in rows]
            assert site.lake("no, a, b", f"t{n}") == expected, (contract, content)


WORDS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
ROWS = st.lists(st.tuples(st.integers(-(2**53), 2**53), WORDS, WORDS), min_size=1, max_size=8)


@QUICK
@given(ROWS)
def test_rows_in_any_other_format_come_back_equal(rows: list[Row]) -> None:
    with installation() as site:
        for name, (form, content) in files(rows).items():
            site.contract[name] = table(**form) | {"files": f"{name}_{{date}}.r{{redo}}.x"}
            site.deliver(content, rows=len(rows), table=name)
        for outcome in site.ingest().outcomes:
            assert (outcome.reason, outcome.rejected) == (None, 0), (outcome, site.originals())
            expected = [(no, *(None if text == "\\N" else text for text in texts)) for no, *texts in rows]
            if outcome.table != "csv":  # line ends within a value are made equal
                assert site.lake("no, a, b", outcome.table) == expected, outcome.table


def files(rows: list[Row]) -> dict[str, tuple[dict[str, Any], bytes]]:
    """The rows in every format but fixed width: what the contract says of it, and the file."""
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    frame, buffer = pl.DataFrame(records, schema={"no": pl.Int64, "a": pl.String, "b": pl.String}), io.BytesIO()
    frame.write_parquet(buffer)
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    text = csv_text(rows, ",", '"', "\n", False)
    return {
        "csv": ({"format": "csv"}, text.encode()),
        "gzip": ({"format": "csv", "compression": "gzip"}, gzip.compress(text.replace("\r", "").encode(), mtime=0))
        if "\r" not in text
        else ({"format": "jsonl"}, lines.encode()),
        "jsonl": ({"format": "jsonl"}, lines.encode()),
        "json": ({"format": "json", "relation": "rows"}, json.dumps({"rows": records}).encode()),
        "parquet": ({"format": "parquet"}, buffer.getvalue()),
        "sqlite": ({"format": "sqlite", "relation": "rows"}, database(rows)),
    }


def database(rows: list[Row]) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table rows (no integer, a text, b text)")
    connection.executemany("insert into rows values (?, ?, ?)", rows)
    connection.commit()
    return connection.serialize()


def workbook(rows: list[Row]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("rows")
        for number, row in enumerate([tuple(COLUMNS), *rows]):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


VALID: list[Row] = [(n, f"text {n}", None if n % 3 else f'"语, {n}') for n in range(40)]
FIXED = {name: column | {"width": width} for (name, column), width in zip(COLUMNS.items(), (4, 8, 8), strict=True)}


def turned(content: bytes, draw: random.Random) -> bytes:
    """The file with some bytes changed, cut out, doubled or put in."""
    for _ in range(draw.randrange(1, 4)):
        at = draw.randrange(len(content) or 1)
        end = min(len(content), at + draw.choice((1, 1, 1, 8, 200)))
        new = draw.choice(
            (draw.randbytes(end - at), b"", content[at:end] * 2, b"\0", b'"', b"\n", b"\xff", draw.randbytes(1))
        )
        content = content[:at] + new + content[end:]
    return content


@settings(QUICK, max_examples=6)
@given(st.integers(0, 2**32))
def test_turned_bytes_never_stop_the_ingest(seed: int) -> None:
    """Without manifests, whose hashes would refuse them all; twelve mutations of a file of every format at once."""
    draw = random.Random(seed)
    fixed = "".join(f"{no:>4}{a or '':<8}{(b or '')[:8]:<8}\n" for no, a, b in VALID).encode()
    valid = files(VALID) | {
        "excel": ({"format": "excel", "relation": "rows"}, workbook(VALID)),
        "gb18030": ({"format": "csv", "encoding": "gb18030"}, csv_text(VALID, ",", '"', "\n", False).encode("gb18030")),
        "fixed": ({"format": "fixed", "columns": FIXED}, fixed),
    }
    with installation() as site:
        site.manifest = "none"
        for name, (form, content) in valid.items():
            site.contract[name] = table(**form, max_reject_rows=40) | {"files": f"{name}_{{date}}.r{{redo}}.x"}
            for redo in range(12):
                path = site.landing / f"{name}_20260105.r{redo}.x"
                path.write_bytes(turned(content, draw) if redo else content)
                os.utime(path, (NOON, NOON))
        outcomes = site.ingest().outcomes
        assert len(outcomes) == 12 * len(valid)
        for one in outcomes:
            assert one.status == "loaded" if one.redo == 0 else one.status == "loaded" or one.reason, one
        quarantined = site.quarantined("delivery_id") if any(one.rejected for one in outcomes) else []
        loaded = [one for one in outcomes if one.status == "loaded"]
        assert len(quarantined) == sum(one.rejected for one in loaded)
        for name in valid:
            accepted = sum(one.rows - one.rejected for one in loaded if one.table == name)
            assert len(site.lake("delivery_id", name)) == accepted
