"""How each source system writes its files: the layout of every delivered table, and the encoders from a frame to bytes.

Encoders are pure (frame in, bytes out) and deterministic; naming, manifests and damage belong to `deliver.py`.
"""

import io
import json
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl
import xlsxwriter
from isal import igzip
from polars._typing import PolarsDataType

# Rows per gzip member: small enough that all cores are busy to the end, large enough to compress well.
MEMBER_ROWS = 50_000


class Form(StrEnum):
    """The kinds of file that source systems write."""

    CSV = "csv"
    GZIP_CSV = "gzip csv"
    FIXED = "fixed width"
    JSON_LINES = "json lines"
    JSON = "json"
    PARQUET = "parquet"
    SQLITE = "sqlite"
    EXCEL = "excel"


@dataclass(frozen=True)
class Layout:
    """How one table becomes files.

    `offset` is appended to timestamps in JSON; `widths` is for fixed width: column and width, negative = left-aligned.
    """

    form: Form
    ext: str
    delimiter: str = ","
    encoding: str = "utf-8"
    hourly: bool = False
    sums: tuple[str, ...] = ()
    list_name: str = ""
    offset: str = ""
    widths: tuple[tuple[str, int], ...] = ()

    @property
    def is_container(self) -> bool:
        return self.form in (Form.SQLITE, Form.EXCEL)


_CSV = Layout(Form.CSV, "csv")
_LINES = Layout(Form.JSON_LINES, "jsonl")
_PARQUET = Layout(Form.PARQUET, "parquet")
_BILL_ITEM = (
    ("acct_no", -12), ("user_id", -12), ("cycle", -6), ("item_code", -12), ("amount_fen", 12),
    ("discount_fen", 12), ("tax_fen", 12), ("issued_on", 8), ("due_on", 8),
)  # fmt: skip

# A table is looked up first, then its system.
LAYOUTS: Mapping[str, Layout] = {
    "crm": Layout(Form.CSV, "csv", delimiter="|", encoding="gb18030"),
    "provisioning": _CSV,
    "mediation": Layout(Form.GZIP_CSV, "csv.gz", hourly=True, sums=("duration_s",)),
    "charging": Layout(Form.PARQUET, "parquet", hourly=True, sums=("bytes_up", "bytes_down")),
    "billing": _CSV,
    "billing.bill_item": Layout(Form.FIXED, "txt", encoding="ascii", widths=_BILL_ITEM),
    "payments": Layout(Form.JSON_LINES, "jsonl", offset="+08:00"),
    "catalogue.service": _CSV,
    "catalogue": Layout(Form.JSON, "json", list_name="plans"),
    "device": _CSV,
    "channel": Layout(Form.SQLITE, "sqlite"),
    "care": _LINES,
    "campaign": _CSV,
    "enterprise": Layout(Form.EXCEL, "xlsx"),
    "echannel": _LINES,
    "mnp": _CSV,
    "settlement": _CSV,
    "network": _PARQUET,
    "finance": _CSV,
    "reference": _CSV,
    "desk": _CSV,
}


def layout_of(system: str, table: str) -> Layout:
    return LAYOUTS.get(f"{system}.{table}") or LAYOUTS[system]


def encode(frame: pl.DataFrame, layout: Layout, *, pool: ThreadPoolExecutor, trailer: str = "") -> bytes:
    """The bytes of one file of a table that has its files to itself."""
    match layout.form:
        case Form.CSV:
            return csv_bytes(frame, layout)
        case Form.GZIP_CSV:
            return _gzip_csv(frame, layout, pool, trailer)
        case Form.FIXED:
            return _fixed(frame, layout)
        case Form.JSON_LINES:
            return _json_lines(frame, layout.offset)
        case Form.JSON:
            rows = frame.to_dicts()
            return json.dumps({layout.list_name: rows}, ensure_ascii=False, indent=1, default=_json_value).encode()
        case Form.PARQUET:
            buffer = io.BytesIO()
            frame.write_parquet(buffer, compression="snappy")
            return buffer.getvalue()
    raise ValueError(f"{layout.form} holds several tables; use encode_container")


def encode_container(frames: Mapping[str, pl.DataFrame], layout: Layout) -> bytes:
    """The bytes of one file that holds several tables."""
    return _sqlite(frames) if layout.form is Form.SQLITE else _excel(frames)


def csv_bytes(frame: pl.DataFrame, layout: Layout, *, header: bool = True) -> bytes:
    """Delimited text; timestamps are compact (YYYYMMDDHHMMSS) in switch records, ISO with a space elsewhere."""
    compact = layout.form is Form.GZIP_CSV
    buffer = io.BytesIO()
    changed = _csv_columns(frame, compact=compact)
    (frame.with_columns(changed) if changed else frame).write_csv(
        buffer,
        include_header=header,
        separator=layout.delimiter,
        datetime_format="%Y-%m-%d %H:%M:%S",
        float_scientific=False,
        # Switch records hold digits and code words only; looking for quotes would cost a third of the time.
        quote_style="never" if compact else "necessary",
    )
    payload = buffer.getvalue()
    return payload if layout.encoding == "utf-8" else payload.decode().encode(layout.encoding)


def _csv_columns(frame: pl.DataFrame, *, compact: bool) -> list[pl.Series]:
    """The columns that need another shape: flags as 0/1, money as shortest text (exact to 15 digits), compact times."""
    changed = []
    for column in frame.iter_columns():
        if column.dtype == pl.Boolean:
            changed.append(column.cast(pl.Int8))
        elif column.dtype.is_decimal():
            changed.append(column.cast(pl.Float64))
        elif compact and isinstance(column.dtype, pl.Datetime):
            changed.append(_compact_time(column))
    return changed


def _compact_time(column: pl.Series) -> pl.Series:
    """YYYYMMDDHHMMSS as an integer: a table look-up for the day is ten times cheaper than formatting text."""
    if column.is_empty():
        return column.cast(pl.Int64)
    seconds = column.dt.epoch("s").to_numpy()
    day, second = np.divmod(seconds, 86_400)
    first = int(day.min())
    days = (np.datetime64(first, "D") + np.arange(int(day.max()) - first + 1)).tolist()
    stamp = np.array([d.year * 10_000 + d.month * 100 + d.day for d in days], dtype=np.int64)[day - first] * 1_000_000
    return pl.Series(column.name, stamp + second // 3600 * 10_000 + second // 60 % 60 * 100 + second % 60)


def _gzip_csv(frame: pl.DataFrame, layout: Layout, pool: ThreadPoolExecutor, trailer: str) -> bytes:
    """Gzip of header, rows and trailer; large files as several members, compressed on every core."""
    starts = range(0, max(frame.height, 1), MEMBER_ROWS)

    def member(start: int) -> bytes:
        text = csv_bytes(frame.slice(start, MEMBER_ROWS), layout, header=start == 0)
        return igzip.compress(text + trailer.encode() if start == starts[-1] else text, compresslevel=1, mtime=0)

    return b"".join(pool.map(member, starts))


def _fixed(frame: pl.DataFrame, layout: Layout) -> bytes:
    cells = []
    for name, width in layout.widths:
        dtype = frame.schema[name]
        text = pl.col(name).dt.strftime("%Y%m%d") if dtype == pl.Date else pl.col(name).cast(pl.String)
        padded = text.fill_null("").str
        cells.append(padded.pad_end(-width) if width < 0 else padded.pad_start(width))
    lines = frame.select(pl.concat_str([*cells, pl.lit("\n")]).alias("line"))["line"]
    return "".join(lines).encode(layout.encoding)


def _json_lines(frame: pl.DataFrame, offset: str) -> bytes:
    """One object per line; timestamps are ISO 8601, money is a number."""
    plain = frame.with_columns(_json_shape(pl.col(name), dtype, offset) for name, dtype in frame.schema.items())
    return plain.write_ndjson().encode()


def _json_shape(value: pl.Expr, dtype: PolarsDataType, offset: str) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        return value.dt.strftime(f"%Y-%m-%dT%H:%M:%S{offset}")
    if isinstance(dtype, pl.Date):
        return value.dt.strftime("%Y-%m-%d")
    if isinstance(dtype, pl.Decimal):
        return value.cast(pl.Float64)
    if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct):
        fields = dtype.inner.fields
        shaped = [_json_shape(pl.element().struct.field(one.name), one.dtype, offset) for one in fields]
        return value.list.eval(pl.struct(shaped))
    return value


def _json_value(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value.isoformat()


def _sqlite(frames: Mapping[str, pl.DataFrame]) -> bytes:
    connection = sqlite3.connect(":memory:")
    for table, frame in frames.items():
        columns = ", ".join(f"{name} {_affinity(dtype)}" for name, dtype in frame.schema.items())
        connection.execute(f"create table {table} ({columns})")
        marks = ", ".join("?" * frame.width)
        connection.executemany(f"insert into {table} values ({marks})", _sqlite_rows(frame))
    connection.commit()
    return connection.serialize()


def _sqlite_rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    shapes = []
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Datetime):
            shapes.append(pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S"))
        elif dtype == pl.Date:
            shapes.append(pl.col(name).dt.strftime("%Y-%m-%d"))
        elif dtype.is_decimal():
            shapes.append(pl.col(name).cast(pl.Float64))
    return frame.with_columns(shapes).rows()


def _affinity(dtype: pl.DataType) -> str:
    if dtype.is_integer() or dtype == pl.Boolean:
        return "integer"
    return "numeric" if dtype.is_numeric() else "text"


def _excel(frames: Mapping[str, pl.DataFrame]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime(2000, 1, 1)})  # otherwise the clock would be in the bytes
    day_format = book.add_format({"num_format": "yyyy-mm-dd"})
    for table, frame in frames.items():
        sheet = book.add_worksheet(table)
        sheet.write_row(0, 0, frame.columns)
        for row_no, row in enumerate(frame.iter_rows(), start=1):
            for column_no, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(row_no, column_no, datetime(value.year, value.month, value.day), day_format)
                elif value is not None:
                    sheet.write(row_no, column_no, float(value) if isinstance(value, Decimal) else value)
    book.close()
    return buffer.getvalue()
