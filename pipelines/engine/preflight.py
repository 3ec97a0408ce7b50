"""Each landed file is examined before a parser sees it: is it what the manifest says, and does it have the columns?"""

import csv
import json
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.engine.contract import Column, Table, sql_name
from pipelines.engine.decode import DeliveryError, Text, hash_file, open_landed, read_text, trailer_pattern
from pipelines.engine.landing import LandedFile
from pipelines.engine.spelling import OTHER_LETTERS
from pipelines.engine.unpack import MAX_RATIO, RATIO_FLOOR, unpacked

MAX_DOCUMENT = 256 << 20  # a JSON document is parsed whole; JSON lines have no such limit
TEXTS = ("string", "large_string", "string_view", "null")
WHOLE = ("int", "uint")
EXACT: dict[str, tuple[str, ...]] = {  # what a Parquet file may have, besides text, where the contract has this type
    "smallint": (*WHOLE, "decimal"), "integer": (*WHOLE, "decimal"), "bigint": (*WHOLE, "decimal"),
    "decimal": (*WHOLE, "decimal"), "boolean": (*WHOLE, "bool"), "date": ("date", "timestamp"),
    "timestamp": ("date", "timestamp"), "epoch": (*WHOLE, "decimal", "float", "double"), "list": ("list", "large_list"),
    "varchar": (*WHOLE, "decimal", "bool", "date", "timestamp"),
}  # fmt: skip


@dataclass(frozen=True)
class Promise:
    """A count or sum that the sender gives for a file; `by` is the manifest or the trailer."""

    by: str
    rows: int
    sums: dict[str, Decimal]


@dataclass(frozen=True)
class Readable:
    """A file that a parser may read, under the name that DuckDB opens.

    `fields` are the contract's column names in the file's order, None where the file has a column of its own, and
    `names` the file's own where it has any; for Parquet they are paired with `types`, the types in the file.
    """

    name: str
    path: Path
    sha256: str
    bytes: int
    fields: tuple[str | None, ...]
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()
    has_nul: bool = False
    is_empty: bool = False
    has_quote: bool = False
    is_ended: bool = True  # false for a text whose last line has no line end, as when it was cut
    notes: tuple[str, ...] = ()


def examine(landed: LandedFile, table: Table, spill: Path) -> Readable:
    """The file made readable; `spill` is a path of its own for a copy, where one is needed.

    Raises:
        DeliveryError: the file is not what its manifest or its contract says.
    """
    if table.format in ("parquet", "excel", "sqlite"):
        readable = _binary(landed.path, table, spill.with_suffix(".parquet"))
    else:
        readable = _text(landed.path, table, spill)
    if landed.promise is None:
        return readable
    _check_bytes(readable, landed)
    manifest = Promise("manifest", landed.promise.rows, landed.promise.sums)
    return replace(readable, promises=(manifest, *readable.promises))


def _check_bytes(readable: Readable, landed: LandedFile) -> None:
    promise = landed.promise
    if promise and readable.bytes != promise.bytes:
        found = f"manifest says {promise.bytes} bytes, found {readable.bytes}"
        raise DeliveryError(f"{readable.name}: {found}; the file is cut or still being written, send it again")
    if promise and readable.sha256 != promise.sha256.lower():
        found = f"manifest says sha256 {promise.sha256[:12]}…, found {readable.sha256[:12]}…"
        raise DeliveryError(f"{readable.name}: {found}; the bytes were changed on the way, send the file again")


def _text(path: Path, table: Table, spill: Path) -> Readable:
    pattern = trailer_pattern(table.trailer) if table.trailer else None
    text = read_text(path, spill, compression=table.compression, encoding=table.encoding, trailer=pattern)
    fields, header, notes, is_empty = tuple(table.columns), [], (), text.bytes == 0
    if is_empty:
        return Readable(path.name, text.path, text.sha256, 0, fields, is_empty=True)
    if table.format == "csv" and table.header:
        is_empty = not text.has_rows
        try:
            header = _split(text.head, table)
        except csv.Error as error:
            raise DeliveryError(f"{path.name}: the first line is no header ({error}); send the file again") from None
        fields, notes = match_header(path.name, header, table.columns, table.needed_columns)
    elif table.format == "json":
        text, notes = _document_rows(path.name, text, table, spill)
    promises = (_trailer_promise(text),) if text.trailer else ()
    return Readable(
        path.name, text.path, text.sha256, text.bytes, fields, tuple(header),
        promises=promises, has_nul=text.has_nul, is_empty=is_empty, is_ended=text.is_ended,
        has_quote=table.format == "csv" and (text.has_quote or table.quote not in ("", '"')), notes=notes,
    )  # fmt: skip


def _split(line: str, table: Table) -> list[str]:
    one = table.delimiter if len(table.delimiter) == 1 else "\x02"  # Python's reader takes one character
    quoting = csv.QUOTE_MINIMAL if table.quote else csv.QUOTE_NONE
    line = line.replace(table.delimiter, one)
    return next(csv.reader([line], delimiter=one, quotechar=table.quote or None, quoting=quoting), [])


def match_header(
    name: str, header: Sequence[str], columns: dict[str, Column], needed: Collection[str]
) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
    """The contract's column for each field of the header, by name whatever order and case; and notes on drift.

    Raises DeliveryError where a column of `needed` is missing.
    """
    wanted = {(column.header or key).strip().casefold(): key for key, column in columns.items()}
    found = [field.strip().casefold() for field in header]
    fields = tuple(wanted.get(field) for field in found)
    if not any(fields):
        message = (
            f"the first line has {len(header)} fields and none is a column; expected a header: {', '.join(wanted)}"
        )
        raise DeliveryError(f"{name}: {message}")
    if twice := sorted({field for field in found if found.count(field) > 1}):
        raise DeliveryError(f"{name}: the header names {', '.join(map(repr, twice))} twice; each column once")
    missing = [field for field, key in wanted.items() if key not in fields]
    if lacks := [field for field in missing if wanted[field] in needed]:
        message = f"the header lacks {', '.join(map(repr, lacks))}; expected {', '.join(wanted)}"
        raise DeliveryError(f"{name}: {message}; deliver the column or change the contract")
    notes = [f"the header lacks '{field}', which may be absent; loaded without its values" for field in missing]
    if [key for key in fields if key] != [key for key in columns if key in fields]:
        notes.append("columns in another order than the contract's")
    spelled = {(column.header or key).strip() for key, column in columns.items()}
    if other := [
        field.strip() for field, key in zip(header, fields, strict=True) if key and field.strip() not in spelled
    ]:
        notes.append(OTHER_LETTERS.format(other[0]))
    return fields, tuple(notes)


def _trailer_promise(text: Text) -> Promise:
    said = dict(text.trailer.groupdict()) if text.trailer else {}
    rows = int(Decimal(said.pop("rows", "0")))
    return Promise("trailer", rows, {column: Decimal(value) for column, value in said.items()})


def _document_rows(name: str, text: Text, table: Table, spill: Path) -> tuple[Text, tuple[str, ...]]:
    """A JSON document as JSON lines: the elements of the list that the contract's `relation` names; notes on drift."""
    if text.path.stat().st_size > MAX_DOCUMENT:
        raise DeliveryError(f"{name}: a JSON document above {MAX_DOCUMENT >> 20} MB; deliver JSON lines")
    try:
        # Numbers stay as they are written: a double would round an amount of more than fifteen digits.
        document = json.loads(
            text.path.read_bytes(), object_pairs_hook=_each_once, parse_float=str, parse_int=str, parse_constant=str
        )
    except (ValueError, RecursionError) as error:
        raise DeliveryError(f"{name}: not valid JSON ({error}); send the file again") from None
    relation = _key_of(name, document, str(table.relation)) if isinstance(document, dict) else None
    rows = document.get(relation) if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise DeliveryError(f"{name}: no list '{table.relation}' at the top of the document; the contract names it")
    lines = spill.with_suffix(".jsonl")
    lines.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    notes = (OTHER_LETTERS.format(relation),) if relation and relation != table.relation else ()
    return replace(text, path=lines), notes


def _key_of(name: str, document: dict[str, Any], wanted: str) -> str:
    """The key of a document by its name, in whatever letters."""
    found = [key for key in document if key.strip().casefold() == wanted.casefold()]
    if len(found) > 1:
        raise DeliveryError(f"{name}: {' and '.join(map(repr, found))} at the top of the document; the rows once")
    return found[0] if found else wanted


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n]))
        raise ValueError(f"the key '{twice}' is there twice")
    return found


def _binary(path: Path, table: Table, spill: Path) -> Readable:
    """Parquet as it is; a sheet or a database table copied into Parquet, every value as text."""
    sha256, size = hash_file(path)
    path = _unpacked(path, table, spill)
    if table.format == "parquet":
        names, types = _parquet_schema(path, path.stat().st_size)
        fields, notes = match_header(path.name, names, table.columns, table.needed_columns)
        _check_exact(path.name, fields, types, table.columns)
        return Readable(path.name, path, sha256, size, fields, names=names, types=types, notes=notes)
    rows = _sheet(path, table) if table.format == "excel" else _database_table(path, table)
    names = tuple(str(name) for name in next(rows))
    fields, notes = match_header(path.name, names, table.columns, table.needed_columns)
    _write_texts(path.name, names, rows, spill)
    return Readable(path.name, spill, sha256, size, fields, names=names, has_nul=True, notes=notes)


def _unpacked(path: Path, table: Table, spill: Path) -> Path:
    """The file itself, or what is packed in it, under the same name so that messages name it."""
    if table.compression == "none":
        return path
    copy = spill.with_suffix(".unpacked") / path.name
    copy.parent.mkdir()
    with open_landed(path) as packed, copy.open("wb") as out:
        out.writelines(unpacked(path, packed, table.compression))
    return copy


def _parquet_schema(path: Path, size: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
        names = tuple(schema.names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DeliveryError(f"{path.name}: not a readable Parquet file ({error}); send it again") from None
    if metadata.num_rows > max(MAX_RATIO * size, RATIO_FLOOR):
        raise DeliveryError(f"{path.name}: {metadata.num_rows} rows in {size} bytes, unpacks too far; refused")
    types = (field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in schema)
    return names, tuple(map(str, types))


def _check_exact(name: str, fields: Sequence[str | None], types: Sequence[str], columns: dict[str, Column]) -> None:
    """A float where the contract has an exact number would be rounded without a word, and bytes are no text."""
    for field, kind in zip(fields, types, strict=True):
        if not field or kind in TEXTS:
            continue
        wanted = columns[field].type
        if not kind.startswith(EXACT["epoch" if columns[field].epoch else wanted.split("(")[0]]):
            message = f"column '{field}' is {kind}, the contract says {wanted}; deliver an exact type"
            raise DeliveryError(f"{name}: {message}")


def _sheet(path: Path, table: Table) -> Iterator[tuple[Any, ...]]:
    """Header and rows of the contract's sheet."""
    import fastexcel
    import polars as pl

    _refuse_bomb(path)
    try:
        book = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise DeliveryError(f"{path.name}: not a readable workbook ({error}); send it again") from None
    if table.relation not in book.sheet_names:
        found = ", ".join(book.sheet_names)
        raise DeliveryError(f"{path.name}: no sheet '{table.relation}'; the workbook has {found}")
    batch, errors = book.load_sheet(table.relation, dtypes="string").to_arrow_with_errors()
    frame = pl.DataFrame(batch)
    for error in errors.errors if errors else ():  # such as #DIV/0!, which would be read as an empty cell
        frame[error.offset_position] = error.detail
    days = {(column.header or name).casefold() for name, column in table.columns.items() if column.type == "date"}
    yield tuple(frame.columns)
    # A workbook has no days, only moments: a day is written as its midnight.
    written_as_days = [name for name in frame.columns if name.strip().casefold() in days]
    yield from frame.with_columns(pl.col(written_as_days).str.strip_suffix(" 00:00:00")).iter_rows()


def _refuse_bomb(path: Path) -> None:
    """A workbook is a zip archive, and unpacks in memory."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > max(
                MAX_RATIO * path.stat().st_size, RATIO_FLOOR
            ):
                raise DeliveryError(f"{path.name}: unpacks to more than {MAX_RATIO} times its size; refused")
            damaged = archive.testzip()  # unpacks no further than the directory says
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DeliveryError(f"{path.name}: not a readable workbook ({error}); send it again") from None
    if damaged:
        raise DeliveryError(f"{path.name}: '{damaged}' in the workbook is damaged; send it again")


def _database_table(path: Path, table: Table) -> Iterator[tuple[Any, ...]]:
    """Column names and rows of the contract's table, opened so that SQLite neither locks nor writes."""
    import sqlite3

    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            cursor = connection.execute(f"select * from {sql_name(str(table.relation))}")
            yield tuple(column[0] for column in cursor.description)
            yield from cursor
        finally:
            connection.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise DeliveryError(f"{path.name}: table '{table.relation}' cannot be read ({error}); send it again") from None


def _write_texts(file_name: str, names: Sequence[str], rows: Iterator[tuple[Any, ...]], target: Path) -> None:
    import polars as pl

    def text(name: str, value: Any) -> str | None:
        if isinstance(value, bytes):
            raise DeliveryError(f"{file_name}: column '{name}' holds bytes; deliver text or numbers")
        return None if value is None else str(value)

    texts = [[text(*pair) for pair in zip(names, row, strict=True)] for row in rows]
    pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row").write_parquet(target)
