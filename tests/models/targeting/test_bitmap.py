"""Arrow columns as numbers: whatever their width, and whatever part of a longer column they are."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from models.targeting.bitmap import count, pack, unpack, values_of
from models.targeting.column import Kind

COLUMNS: list[tuple[Kind, pa.DataType, list[Any], list[Any]]] = [
    ("integer", pa.int8(), [1, None, -3], [1, None, -3]),
    ("integer", pa.uint16(), [1, None, 60_000], [1, None, 60_000]),
    ("decimal", pa.decimal128(18, 2), [Decimal("1.50"), None, Decimal("-0.01")], [150, None, -1]),
    ("decimal", pa.decimal128(38, 0), [Decimal(2**63), None, Decimal(-(2**70))], [2.0**63, None, -(2.0**70)]),
    ("float", pa.float32(), [1.5, None, float("nan")], [1.5, None, None]),
    ("boolean", pa.bool_(), [True, None, False], [True, None, False]),
    ("date", pa.date32(), [date(1970, 1, 2), None, date(1969, 12, 31)], [1, None, -1]),
    ("date", pa.date64(), [date(1970, 1, 2), None, date(1969, 12, 31)], [1, None, -1]),
    ("timestamp", pa.timestamp("ms"), [datetime(1970, 1, 1, 0, 0, 1), None, datetime(1970, 1, 1)], [10**6, None, 0]),
    ("text", pa.string(), ["a", None, "b"], ["a", None, "b"]),
    ("text", pa.dictionary(pa.int8(), pa.string()), ["a", None, "b"], ["a", None, "b"]),
]


@pytest.mark.parametrize(("kind", "type", "given", "expected"), COLUMNS, ids=[str(one[1]) for one in COLUMNS])
def test_a_column_is_what_it_holds(kind: Kind, type: pa.DataType, given: list[Any], expected: list[Any]) -> None:
    whole = pa.array([*given, *given], type)
    for column in (whole.slice(3), pa.chunked_array([whole.slice(3, 1), whole.slice(4, 2)])):
        values = values_of(column, kind)
        valid = np.ones(3, bool) if values.valid is None else values.valid
        plain = values.data.tolist()
        if kind == "text":
            plain = [values.names[at] if is_there else None for at, is_there in zip(values.data, valid, strict=True)]
        assert [one if is_there else None for one, is_there in zip(plain, valid, strict=True)] == expected


@pytest.mark.parametrize("size", [0, 1, 8, 63, 64, 65, 1000])
def test_a_bitmap_says_which_and_how_many(size: int) -> None:
    mask = np.random.default_rng(size).random(size) < 0.4
    assert unpack(pack(mask), size).tolist() == mask.tolist()
    assert count(pack(mask)) == mask.sum()
