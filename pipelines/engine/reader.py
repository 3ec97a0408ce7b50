"""SQL that reads a group of like files: a raw column `_<name>` per contract column, and `_file`, the place in the list.

Text formats give every value as VARCHAR, so that a value that does not fit its type is seen and not lost.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pipelines.engine import spelling
from pipelines.engine.contract import Column, Table, sql_name, sql_text
from pipelines.engine.preflight import TEXTS, Readable

MAX_LINE = 2 << 20
NEVER, NOTHING = "\x02", "\x03"  # no line holds them: the delimiter that makes a line one field, the null that is none


@dataclass(frozen=True)
class Group:
    """Files of one table that one statement can read: same fields in the same order."""

    files: tuple[Readable, ...]


def groups(files: Iterable[Readable]) -> list[Group]:
    """Like files together, but for those where a quote may stay open and nobody said how many rows there are.

    DuckDB 1.5.6 forgets the rows behind a quote that is never closed, and their reject, when it reads several files.
    """

    def shape(file: Readable) -> str:
        return repr((file.fields, file.names, file.types, file.name if file.has_quote and not file.promises else ""))

    ordered = sorted(enumerate(files), key=lambda pair: (shape(pair[1]), pair[0]))
    grouped = [tuple(file for _, file in run) for _, run in groupby(ordered, key=lambda pair: shape(pair[1]))]
    return [Group(run) for run in grouped]


def raw_types(table: Table, group: Group) -> dict[str, str]:
    """Type of each raw column: 'text', or the Arrow type that a Parquet file holds."""
    if table.format != "parquet":
        return dict.fromkeys(table.columns, "text")
    types = zip(group.files[0].fields, group.files[0].types, strict=True)
    found = {field: "text" if kind in TEXTS else kind for field, kind in types if field}
    return {name: found.get(name, "text") for name in table.columns}


def relation(table: Table, group: Group) -> str:
    """A FROM clause; rejected lines go to the temporary tables `_bad` and `_bad_scan`."""
    if table.format in ("parquet", "excel", "sqlite"):
        return _parquet(table, group)
    if table.format == "csv":
        return _csv(table, group)
    return _json(table, group) if table.format in ("json", "jsonl") else _fixed(table, group)


def reads_lines(table: Table) -> bool:
    """True for formats whose rejected lines DuckDB keeps in `_bad`."""
    return table.format not in ("parquet", "excel", "sqlite")


def _absent(table: Table, group: Group) -> list[str]:
    """Raw columns that the files do not have."""
    fields = group.files[0].fields
    absent = {name: column for name, column in table.columns.items() if name not in fields}
    return [f"null::{_raw_type(column)} as _{name}" for name, column in absent.items()]


def _raw_type(column: Column) -> str:
    items = (f"{sql_name(item.header or name)} {_raw_type(item)}" for name, item in column.items.items())
    return f"struct({', '.join(items)})[]" if column.items else "varchar"


def _parquet(table: Table, group: Group) -> str:
    first = group.files[0]
    texts = [kind in TEXTS for kind in first.types] or [True] * len(first.names)
    columns = [
        f"{sql_name(name)}{'::varchar' if is_text else ''} as _{field or f'surplus_{n}'}"
        for n, (field, name, is_text) in enumerate(zip(first.fields, first.names, texts, strict=True))
    ]
    return f"""(select {", ".join([*columns, *_absent(table, group)])}, file_index as _file
        from read_parquet({_paths(group)}, hive_partitioning = false, union_by_name = false))"""


def _paths(group: Group) -> str:
    return f"[{', '.join(sql_text(str(file.path)) for file in group.files)}]"


def _csv(table: Table, group: Group) -> str:
    # A surplus field is projected too: DuckDB checks only the columns that a query asks for.
    fields = [f"_{field}" if field else f"_surplus_{n}" for n, field in enumerate(group.files[0].fields)]
    columns = ", ".join(f"'{field}': 'VARCHAR'" for field in fields)
    nulls = ", ".join(map(sql_text, table.null_tokens)) or sql_text(NOTHING)
    quote = sql_text(table.quote)
    kept = ", ".join(["*", *_absent(table, group)])
    return f"""(select {kept}, file_index as _file from read_csv({_paths(group)}, auto_detect = false,
        header = {table.header}, delim = {sql_text(table.delimiter)}, quote = {quote}, escape = {quote},
        columns = {{{columns}}}, nullstr = [{nulls}], {_rejecting()}))"""


def _lines(group: Group) -> str:
    return f"""read_csv({_paths(group)}, auto_detect = false, header = false, delim = {sql_text(NEVER)},
        quote = '', escape = '', columns = {{'_line': 'VARCHAR'}}, nullstr = {sql_text(NOTHING)}, {_rejecting()})"""


def _rejecting() -> str:
    return f"""max_line_size = {MAX_LINE}, hive_partitioning = false, store_rejects = true, rejects_limit = 0,
        rejects_table = '_bad', rejects_scan = '_bad_scan'"""


def _json(table: Table, group: Group) -> str:
    shape = {column.header or name: _shape(column) for name, column in table.columns.items() if not column.path}
    found = f"""case when json_valid(_line) and json_type(_line) = 'OBJECT'
        then from_json(_line, {sql_text(json.dumps(shape))}) end as _found"""
    columns = [
        f"json_extract_string(_line, {sql_text(column.path)}) as _{name}" if column.path
        else f"_found.{sql_name(column.header or name)} as _{name}"
        for name, column in table.columns.items()
    ]  # fmt: skip
    other = f"case when json_valid(_line) and json_type(_line) = 'OBJECT' then {spelling.other_sql(table, '_line')} end"
    return f"""(select {", ".join(columns)}, _file,
        case when _found is null then 'not a JSON object'
            when len(json_keys(_line)) <> list_unique(json_keys(_line)) then 'a key twice' end as _broken,
        _line, __given, __other
        from (select *, {found} from (
            select _file, __given, __other,
                case when __other is null then __given else {spelling.contracts_sql(table, "__given")} end as _line
            from (select file_index as _file, _line as __given, {other} as __other from {_lines(group)}))))"""


def _shape(column: Column) -> object:
    if column.type != "list":
        return "VARCHAR"
    return [{item.header or name: _shape(item) for name, item in column.items.items()}]


def _fixed(table: Table, group: Group) -> str:
    columns, start = [], 1
    for name, column in table.columns.items():
        columns.append(f"trim(substr(_line, {start}, {column.width})) as _{name}")
        start += column.width or 0
    length = "coalesce(length(_line), 0)"
    broken = f"case when {length} <> {start - 1} then 'length ' || {length} || ', expected {start - 1}' end"
    return f"(select {', '.join(columns)}, file_index as _file, {broken} as _broken, _line from {_lines(group)})"
