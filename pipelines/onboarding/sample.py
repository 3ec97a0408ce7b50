"""What can be looked at: each table of a file as a DuckDB table of texts, and how a contract would read it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engine.contract import LINEAGE, sql_name, sql_text
from pipelines.engine.decode import DeliveryError
from pipelines.onboarding.dialect import dialect_of
from pipelines.onboarding.text import Head, read_head

ROWS = 200_000  # looked at; keys and missing values are judged by these
LINES = 20_000  # of JSON, whose structure is found before DuckDB reads it
MAX_LINE = 2 << 20
NOTHING = "\x03"
OURS = (*LINEAGE, "data_date", "known_on", "superseded_on")  # names that a row gets on its way
PARQUET, EXCEL, SQLITE = b"PAR1", b"PK\x03\x04", b"SQLite format 3\0"
EXACT = {"int8": "smallint", "int16": "smallint", "int32": "integer", "int64": "bigint", "uint8": "smallint",
         "uint16": "integer", "uint32": "bigint", "bool": "boolean", "date32[day]": "date"}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A column as the file has it. `exact` is a type that the file itself states; `items` are a list's fields."""

    name: str
    header: str
    path: str | None = None
    exact: str | None = None
    items: tuple["Field", ...] = ()


@dataclass(frozen=True)
class Sample:
    """A table of the file, its values as text in the DuckDB table `relation` under the fields' names.

    `reading` holds the words of a contract that say how to read it; `items` names the relation of each list.
    """

    name: str
    relation: str
    fields: tuple[Field, ...]
    reading: Mapping[str, Any]
    rows: int
    is_whole: bool
    items: Mapping[str, str] = field(default_factory=dict)


class NotUnderstood(DeliveryError):
    """A file that nothing can be proposed for; the message says what is needed."""


def samples(path: Path, connection: duckdb.DuckDBPyConnection, scratch: Path, table: str | None) -> list[Sample]:
    """The tables of a file, or the one named. Raises DeliveryError. `scratch` is a private folder for copies."""
    with path.open("rb") as file:
        magic = file.read(16)
    if magic.startswith(SQLITE):
        found = list(of_sqlite(path, connection, scratch, table))
    elif magic.startswith(PARQUET):
        found = [of_parquet(path, connection)]
    elif magic.startswith(EXCEL):
        found = list(of_excel(path, connection, scratch, table))
    else:
        found = of_text(path, read_head(path), connection, scratch)
    if table and not any(sample.name == identifier(table) for sample in found):
        there = ", ".join(sample.name for sample in found)
        raise NotUnderstood(f"{path.name}: holds no table '{table}'; there is {there or 'none'}")
    return [sample for sample in found if table is None or sample.name == identifier(table)]


def of_text(path: Path, head: Head, connection: duckdb.DuckDBPyConnection, scratch: Path) -> list[Sample]:
    reading: dict[str, Any] = {"encoding": head.encoding}
    if head.compression != "none":
        reading["compression"] = head.compression
    if not head.text.strip():
        raise NotUnderstood(f"{path.name}: is empty; a proposal needs a file with rows")
    if head.text.lstrip()[0] in "{[":
        return of_json(path, head, connection, scratch, reading)
    lines = head.lines
    dialect = dialect_of(lines, is_whole=head.is_whole)
    if len(dialect.names) == 1 and len({len(line) for line in lines}) == 1 and len(lines) > 2 and len(lines[0]) > 20:
        raise NotUnderstood(
            f"{path.name}: every line has {len(lines[0])} characters and no delimiter; columns of fixed width "
            "cannot be guessed, declare `format: fixed` and the `width` of each by hand"
        )
    reading |= {"format": "csv", "delimiter": dialect.delimiter, "header": dialect.has_header}
    if not dialect.quote:
        reading["quote"] = ""
    if dialect.trailer:
        reading["trailer"] = dialect.trailer
        lines = lines[:-1]
    copy = scratch / "sample.csv"
    copy.write_text("".join(f"{line}\n" for line in lines[: ROWS + 1]), encoding="utf-8")
    fields = named(dialect.names)
    columns = ", ".join(f"{sql_text(one.name)}: 'VARCHAR'" for one in fields)
    quote = sql_text(dialect.quote)
    rows = keep(connection, "sample_0", f"""
        from read_csv({sql_text(str(copy))}, auto_detect = false, header = {dialect.has_header}, quote = {quote},
        escape = {quote}, delim = {sql_text(dialect.delimiter)}, columns = {{{columns}}},
        nullstr = {sql_text(NOTHING)}, max_line_size = {MAX_LINE}, store_rejects = true)""")  # fmt: skip
    return [Sample(stem(path), "sample_0", fields, reading, rows, head.is_whole and rows < ROWS)]


def of_json(
    path: Path, head: Head, connection: duckdb.DuckDBPyConnection, scratch: Path, reading: dict[str, Any]
) -> list[Sample]:
    """JSON lines if the first line is an object by itself, else one document with a list of objects."""
    lines = [line for line in head.lines[:LINES] if line.strip()]
    if is_object(lines[0]):
        reading |= {"format": "jsonl"}
        return [json_sample(stem(path), lines, 0, connection, scratch, reading, head.is_whole)]
    if not head.is_whole:
        raise NotUnderstood(f"{path.name}: one JSON document larger than the sample; deliver JSON lines")
    try:
        document = json.loads(head.text)
    except ValueError as error:
        raise NotUnderstood(f"{path.name}: neither JSON lines nor a JSON document ({error})") from None
    lists = document if isinstance(document, dict) else {"rows": document}
    tables = {key: rows for key, rows in lists.items() if isinstance(rows, list) and rows and isinstance(rows[0], dict)}
    if not tables:
        raise NotUnderstood(f"{path.name}: no list of objects at the top of the document; there is nothing to load")
    return [
        json_sample(
            identifier(key) if len(tables) > 1 else stem(path), [json.dumps(row) for row in rows[:LINES]], number,
            connection, scratch, reading | {"format": "json", "relation": key}, len(rows) <= LINES,
        )
        for number, (key, rows) in enumerate(tables.items())
    ]  # fmt: skip


def is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def json_sample(
    name: str, lines: Sequence[str], number: int, connection: duckdb.DuckDBPyConnection, scratch: Path,
    reading: dict[str, Any], is_whole: bool,
) -> Sample:  # fmt: skip
    objects = [json.loads(line) for line in lines if is_object(line)]
    fields = tuple(json_fields(objects))
    copy = scratch / f"sample_{number}.jsonl"
    copy.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in objects), encoding="utf-8")
    source = f"""read_csv({sql_text(str(copy))}, auto_detect = false, header = false, delim = '\x02', quote = '',
        escape = '', columns = {{'_line': 'VARCHAR'}}, nullstr = {sql_text(NOTHING)}, max_line_size = {MAX_LINE})"""
    values = ", ".join(
        f"json_extract_string(_line, {sql_text(path_of(one))}) as {sql_name(one.name)}" for one in fields
    )
    rows = keep(connection, f"sample_{number}", f"select {values} from {source}")
    items = {}
    for one in fields:
        if one.items:
            shape = json.dumps([{item.header: "VARCHAR" for item in one.items}])
            listed = f"from_json(json_extract(_line, {sql_text(path_of(one))}), {sql_text(shape)})"
            picked = ", ".join(f"item.{sql_name(item.header)} as {sql_name(item.name)}" for item in one.items)
            items[one.name] = f"sample_{number}_{one.name}"
            keep(connection, items[one.name], f"select {picked} from (select unnest({listed}) as item from {source})")
    return Sample(name, f"sample_{number}", fields, reading, rows, is_whole and len(lines) < LINES, items)


def path_of(one: Field) -> str:
    return one.path or f'$."{one.header}"'


def json_fields(objects: Sequence[Mapping[str, Any]], prefix: tuple[str, ...] = ()) -> Iterator[Field]:
    """Keys in the order met; a nested object gives a column per leaf, with its path; a list of objects stays a list."""
    keys = list(dict.fromkeys(key for one in objects for key in one))
    for key in keys:
        values = [one[key] for one in objects if one.get(key) is not None]
        where = (*prefix, key)
        name, path = identifier("_".join(where)), "$" + "".join(f'."{part}"' for part in where) if prefix else None
        if values and all(isinstance(value, dict) for value in values):
            yield from json_fields(values, where)
        elif not prefix and (items := list_items(values)):
            yield Field(name, key, items=tuple(items))
        else:
            yield Field(name, key, path)


def list_items(values: Sequence[Any]) -> list[Field]:
    """The fields of a list's elements if all of these are flat objects."""
    elements = [item for value in values if isinstance(value, list) for item in value]
    if not elements or not all(isinstance(value, list) for value in values):
        return []
    if not all(isinstance(item, dict) for item in elements):
        return []
    found = list(json_fields(elements))
    return [] if any(one.path or one.items for one in found) else found


def of_parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> Sample:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    fields = tuple(
        replace(one, exact=exact_type(str(column.type)))
        for one, column in zip(named(schema.names), schema, strict=True)
    )
    values = ", ".join(f"{sql_name(one.header)}::varchar as {sql_name(one.name)}" for one in fields)
    rows = keep(connection, "sample_0", f"select {values} from read_parquet({sql_text(str(path))})")
    return Sample(stem(path), "sample_0", fields, {"format": "parquet"}, rows, rows < ROWS)


def exact_type(arrow: str) -> str | None:
    """The contract's type for an Arrow type; None for text, whose values decide, and for what counts as text."""
    if arrow.startswith("timestamp"):
        return "timestamp"
    if found := re.fullmatch(r"decimal\d*\((\d+), ?(\d+)\)", arrow):
        return f"decimal({found[1]},{found[2]})"
    return EXACT.get(arrow, None if arrow in ("string", "large_string", "string_view") else "varchar")


def of_excel(path: Path, connection: duckdb.DuckDBPyConnection, scratch: Path, wanted: str | None) -> Iterator[Sample]:
    """Every sheet that has rows; a workbook keeps days as midnights, which a contract reads as days again."""
    import fastexcel
    import polars as pl

    try:
        book = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise NotUnderstood(f"{path.name}: not a readable workbook ({error})") from None
    for number, sheet in enumerate(book.sheet_names):
        if wanted and identifier(sheet) != identifier(wanted):
            continue
        frame = book.load_sheet(sheet, dtypes="string", n_rows=ROWS).to_polars()
        if not frame.width:
            continue
        filled = [column for column in frame.iter_columns() if column.drop_nulls().len()]
        days = [column.name for column in filled if column.drop_nulls().str.ends_with(" 00:00:00").all()]
        frame = frame.with_columns(pl.col(days).str.strip_suffix(" 00:00:00"))
        yield of_frame(identifier(sheet), frame, number, connection, scratch, {"format": "excel", "relation": sheet})


def of_sqlite(path: Path, connection: duckdb.DuckDBPyConnection, scratch: Path, wanted: str | None) -> Iterator[Sample]:
    import sqlite3

    import polars as pl

    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        listed = database.execute("select name from sqlite_master where type in ('table', 'view') order by rowid")
        for number, (table,) in enumerate(listed.fetchall()):
            if wanted and identifier(table) != identifier(wanted):
                continue
            cursor = database.execute(f"select * from {sql_name(table)} limit {ROWS}")
            names = [column[0] for column in cursor.description]
            texts = [[None if value is None else str(value) for value in row] for row in cursor]
            frame = pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String), orient="row")
            reading = {"format": "sqlite", "relation": table}
            yield of_frame(identifier(table), frame, number, connection, scratch, reading)
    except sqlite3.Error as error:
        raise NotUnderstood(f"{path.name}: not a readable SQLite file ({error})") from None
    finally:
        database.close()


def of_frame(
    name: str, frame: Any, number: int, connection: duckdb.DuckDBPyConnection, scratch: Path, reading: dict[str, Any]
) -> Sample:
    """A polars frame of texts; by way of Parquet, because registering a frame makes DuckDB import pandas."""
    fields = named(frame.columns)
    copy = scratch / f"sample_{number}.parquet"
    frame.rename({one.header: one.name for one in fields}).write_parquet(copy)
    rows = keep(connection, f"sample_{number}", f"from read_parquet({sql_text(str(copy))})")
    return Sample(name, f"sample_{number}", fields, reading, rows, rows < ROWS)


def keep(connection: duckdb.DuckDBPyConnection, relation: str, query: str) -> int:
    """Keep the first rows of a query under a name; returns how many there are."""
    connection.execute(f"create or replace temp table {sql_name(relation)} as from ({query}) limit {ROWS}")
    found = connection.execute(f"select count(*) from {sql_name(relation)}").fetchall()
    return int(found[0][0])


def named(headers: Sequence[str]) -> tuple[Field, ...]:
    """A field per header, each with a name of its own."""
    taken: dict[str, int] = {}
    fields = []
    for place, header in enumerate(headers):
        name = identifier(header) or f"column_{place + 1}"
        name = f"{name}_given" if name in OURS else name
        taken[name] = taken.get(name, 0) + 1
        fields.append(Field(name if taken[name] == 1 else f"{name}_{taken[name]}", header.strip()))
    return tuple(fields)


def identifier(text: str) -> str:
    """customerID, Customer Id and CUSTOMER-ID as customer_id; empty where no letter of ASCII is left."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text.strip())
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return plain[:60] if plain[:1].isalpha() else (f"n_{plain}"[:60] if plain else "")


def stem(path: Path) -> str:
    """The table that a file name speaks of: all before its date, part or version."""
    word = re.split(r"[_.-]?\d{6,8}|\.", path.name)[0]
    return identifier(word) or "record"
