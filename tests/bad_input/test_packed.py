"""Compressed files and Parquet that are cut, damaged, too large or of other types."""

import gzip
import hashlib
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.bad_input.case import Case, Loaded, Refused, Yard, yard

GZIP = {"compression": "gzip"}
PARQUET = {"format": "parquet"}
MANY = "no,amount,text\n" + "".join(f"{n},10.50,{n * n % 997}\n" for n in range(1000))
PACKED = gzip.compress(MANY.encode(), mtime=0)
HEAD, ROW = gzip.compress(b"no,amount,text\n", mtime=0), gzip.compress(b"1,10.50,a\n", mtime=0)
BOMB = gzip.compress(b"0" * 50_000_000, mtime=0)
TWICE_PACKED = gzip.compress(BOMB, mtime=0)
A = (1, "10.50", "a")


def parquet(**columns: Any) -> bytes:
    """One row per value, columns in the types given; without page checksums, as most tools write."""
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def repeated(rows: int) -> bytes:
    """A Parquet file of very many equal rows in very few bytes."""
    buffer = io.BytesIO()
    pl.select(pl.repeat(1, rows).alias("no"), amount=pl.lit(1), text=pl.lit("a")).write_parquet(buffer)
    return buffer.getvalue()


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def column(number: int, what: str, kind: str, values: pa.Array, expect: Any) -> Case:
    """A Parquet file whose column `value` of this declared type has these values."""
    columns = {"no": {"type": "bigint"}, "value": {"type": kind}}
    expect = expect if isinstance(expect, Refused) else Loaded(*expect)
    content = parquet(no=list(range(len(values))), value=values)
    return Case(number, what, content, expect, len(values), PARQUET | {"columns": columns}, "value")


GOOD = parquet(no=[1], amount=[Decimal("10.50")], text=["a"])
AT = datetime(2026, 1, 5, 12)
CASES = [
    Case(39, "gzip cut in the middle", PACKED[: len(PACKED) // 2], Refused("the gzip data end too early"), 1000, GZIP),
    Case(39, "gzip cut in its checksum", PACKED[:-4], Refused("end too early .truncated file.; send the file again"),
         1000, GZIP),
    Case(40, "gzip with damaged bytes", PACKED[:200] + bytes(b ^ 0x55 for b in PACKED[200:260]) + PACKED[260:],
         Refused("not valid gzip"), 1000, GZIP),
    Case(40, "gzip with a damaged byte, and no manifest", flipped(PACKED, 300), Refused("not valid gzip"), None, GZIP),
    Case(41, "gzip with another checksum", PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], Refused("not valid gzip"), 1000,
         GZIP),
    Case(41, "gzip with another length", PACKED[:-4] + b"\0\0\0\0", Refused("not valid gzip"), 1000, GZIP),
    Case(42, "plain text for gzip", MANY, Refused("not valid gzip .*; send the file again"), 1000, GZIP),
    Case(42, "gzip for plain text", PACKED, Refused("none is a column"), 1000),
    Case(42, "gzip with text behind it", PACKED + b"1,10.50,a\n", Refused("not valid gzip"), 1001, GZIP),
    Case(42, "nothing for gzip", b"", Refused("is empty|holds 0"), 1, GZIP),
    Case(43, "gzip of several members", HEAD + ROW, Loaded([A]), 1, GZIP),
    Case(44, "gzip that unpacks too far", BOMB, Refused("unpacks to more than 100 times its size; refused"), 1, GZIP),
    Case(44, "gzip in gzip", TWICE_PACKED, Refused("none is a column|no header"), 1, GZIP),
    Case(44, "Parquet that unpacks too far", repeated(40_000_000), Refused("40000000 rows in .* bytes"), 1, PARQUET),
    Case(45, "a zip for plain text", b"PK\x03\x04" + bytes(100), Refused("none is a column"), 1),
    Case(46, "Parquet cut", GOOD[:-20], Refused("not a readable Parquet file .*; send it again"), 1, PARQUET),
    Case(46, "Parquet without its beginning", GOOD[10:], Refused("not a readable Parquet|cannot be parsed"), 1,
         PARQUET),
    Case(46, "text for Parquet", "no,amount,text\n", Refused("not a readable Parquet file"), 1, PARQUET),
    Case(46, "nothing for Parquet", b"", Refused("not a readable Parquet file"), 0, PARQUET),
    Case(47, "Parquet with one bit turned", flipped(GOOD, 40), Refused("the bytes were changed on the way"), 1,
         PARQUET,
         promise={"sha256": hashlib.sha256(GOOD).hexdigest()}),
    column(48, "double for an amount", "decimal(18,2)", pa.array([10.5]),
           Refused("column 'value' is double, the contract says decimal.18,2.; deliver an exact type")),
    column(48, "double for a whole number", "bigint", pa.array([1.0]), Refused("column 'value' is double")),
    column(48, "double for a text", "varchar", pa.array([13800000001.0]),
           Refused("column 'value' is double, the contract says varchar")),
    column(48, "a finer amount", "decimal(18,2)", pa.array([Decimal("12.501"), Decimal("3.500")]),
           ([(Decimal("3.50"),)], [(1, "value", "precision")])),
    column(48, "a text for a whole number", "bigint", pa.array(["7", "x"]), ([(7,)], [(2, "value", "type")])),
    column(48, "more than 64 bits", "bigint", pa.array([2**64 - 1, 7], pa.uint64()), ([(7,)], [(1, "value", "type")])),
    column(48, "fewer bits", "bigint", pa.array([7], pa.int8()), ([(7,)],)),
    column(48, "whole numbers for a text", "varchar", pa.array([7]), ([("7",)],)),
    column(48, "a moment in a zone", "timestamp",
           pa.array([AT.replace(tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin")), ([(AT,)],)),
    column(48, "a moment in nanoseconds", "timestamp", pa.array([AT.replace(hour=20)], pa.timestamp("ns")), ([(AT,)],)),
    column(48, "moments for days, midnight and another", "date", pa.array([AT.replace(hour=0), AT]),
           ([(date(2026, 1, 5),)], [(2, "value", "type")])),
    column(48, "a whole number for a day", "date", pa.array([46027]),
           Refused("column 'value' is int64, the contract says date")),
    column(48, "a whole number for a moment", "timestamp", pa.array([1767614400]), Refused("column 'value' is int64")),
    column(48, "a day for a whole number", "bigint", pa.array([date(2026, 1, 5)]), Refused("column 'value' is date32")),
    column(48, "bytes for a text", "varchar", pa.array([b"a"]), Refused("column 'value' is binary")),
    column(48, "a dictionary of texts", "bigint", pa.array(["7", "3.7"]).dictionary_encode(),
           ([(7,)], [(2, "value", "type")])),
    column(48, "a fraction for a whole number", "bigint", pa.array([Decimal("7.0"), Decimal("3.7")]),
           ([(7,)], [(2, "value", "type")])),
    column(48, "a column of nothing for a day", "date", pa.nulls(2), ([(None,), (None,)],)),
    column(48, "a two for a truth", "boolean", pa.array([1, 2]), ([(True,)], [(2, "value", "type")])),
    column(48, "a day for a moment", "timestamp", pa.array([date(2026, 1, 5)]), ([(datetime(2026, 1, 4, 16),)],)),
    column(48, "a structure for a text", "varchar", pa.array([{"a": 1}]), Refused("column 'value' is struct")),
    column(13, "no number in a double column", "decimal(18,2)", pa.array([float("nan")]),
           Refused("column 'value' is double")),
    Case(6, "Parquet with a column twice", parquet(no=[1], amount=[1], text=["a"], NO=[1]),
         Refused("the header names 'no' twice"), 1, PARQUET),
    Case(8, "Parquet without a required column", parquet(text=["a"], amount=[1]), Refused("lacks 'no'"), 1, PARQUET),
    Case(8, "Parquet without a column that may be absent", parquet(no=[1], amount=[1]),
         Loaded([(1, "1.00", None)], note="lacks 'text', which may be absent"), 1, PARQUET),
]  # fmt: skip
ingested = yard(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_packed(case: Case, ingested: Yard) -> None:
    ingested.check(case)
