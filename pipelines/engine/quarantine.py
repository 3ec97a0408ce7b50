"""Rows that break a contract: their place, rule and masked excerpt in the lake, the original text sealed apart."""

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.engine.contract import Table, sql_text
from pipelines.engine.home import Home
from pipelines.engine.load import TableLoad
from pipelines.engine.rules import json_path
from pipelines.engine.seal import Seal, number_of
from pipelines.engine.spelling import contracts_sql
from pipelines.engine.warehouse import PARQUET
from pipelines.engine.workbench import Workbench

EXCERPT = 60
TABLE = "quarantined"
SUFFIX = ".sealed"
PURPOSE = "quarantine"

Original = dict[str, Any]
"""A rejected row: file, row_no, column, rule and its original text."""


def prepare(bench: Workbench) -> None:
    bench.run(
        f"""create or replace temp table {TABLE} (delivery_id integer, file_name varchar, row_no integer,
        column_name varchar, rule varchar, excerpt varchar, original varchar)"""
    )


def collect(load: TableLoad) -> None:
    """Add the rejected rows of the deliveries that will be loaded."""
    load.run(
        f"""insert into {TABLE}
        select files.delivery_id, files.file_name, bad.row_no, null, bad.rule, {_masked("bad.original")}, bad.original
        from {load.bad} as bad inner join {load.files} as files on bad._file = files._file"""
    )
    for number in sorted(load.broken):
        rule = load.rules[number - 1]
        name = sql_text(rule.column) if rule.column else "null"
        load.run(
            f"""insert into {TABLE}
            select files.delivery_id, files.file_name, {load.row_no()}, {name}, '{rule.name}',
                {_excerpt(load.table, rule.column)}, typed._raw
            from (select rowid, * from {load.typed}) as typed
            inner join {load.files} as files on typed._file = files._file
            where typed._fault = {number}"""
        )


def forget_originals(bench: Workbench, delivery_id: int) -> None:
    bench.run(f"update {TABLE} set original = null where delivery_id = {delivery_id}")


def write(bench: Workbench, target: Path) -> bool:
    """The lake's segment, without original text. False when nothing was quarantined."""
    if not bench.run(f"select 1 from {TABLE} limit 1"):
        return False
    bench.run(
        f"""copy (select * exclude (original) from {TABLE} order by delivery_id, file_name, row_no)
        to {sql_text(str(target))} ({PARQUET})"""
    )
    return True


def keep_originals(bench: Workbench, folder: Path, seal: Seal) -> None:
    """One sealed file per delivery, of JSON lines with file, row_no, column, rule and the original text."""
    shutil.rmtree(folder, ignore_errors=True)  # left behind by a run that did not reach its commit
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = bench.run(f"from {TABLE} order by delivery_id, file_name, row_no")
    by_delivery: dict[int, list[Original]] = {}
    for delivery_id, file_name, row_no, column, rule, _, original in rows:
        entry = {"file": file_name, "row_no": row_no, "column": column, "rule": rule, "original": original}
        by_delivery.setdefault(delivery_id, []).append(entry)
    for delivery_id, entries in by_delivery.items():
        write_originals(folder / f"{delivery_id:08d}{SUFFIX}", entries, seal)


def write_originals(path: Path, entries: Iterable[Original], seal: Seal) -> None:
    text = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
    unfinished = path.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(seal.seal(text.encode(), PURPOSE))
    unfinished.replace(path)


def read_originals(path: Path, home: Home) -> list[Original]:
    """The rejected rows of a delivery as they came. Raises SealError without the key that sealed them."""
    box = path.read_bytes()
    lines = Seal.of(home, number_of(box)).open(box, PURPOSE).decode().splitlines()
    return [json.loads(line) for line in lines]


def _excerpt(table: Table, rule_column: str | None) -> str:
    """SQL of the value that broke a rule; only its shape where it is personal or cannot be told from the whole row."""
    name = (rule_column or "").split(".")[0]
    column = table.columns.get(name)
    if column is None or table.format == "fixed":
        return _masked("typed._raw")
    row, path = "typed._raw", f'$."{name}"'
    if table.format in ("json", "jsonl"):
        row, path = (
            f"case when typed._other is null then {row} else {contracts_sql(table, row)} end",
            json_path(name, column),
        )
    value = f"json_extract_string({row}, {sql_text(path)})"
    # A row with a field too many has each value in its neighbour's column.
    return _masked(value) if table.domains else f"left({value}, {EXCERPT})"


def _masked(value: str) -> str:
    """The shape of a text: digits become 9, letters x, so that a reader sees what is wrong and not who it is."""
    digits = f"regexp_replace(left({value}, {EXCERPT}), '[0-9]', '9', 'g')"
    return f"regexp_replace({digits}, '[^0-9[:punct:][:space:]]', 'x', 'g')"
