"""Accepted rows as Parquet parts: written aside, hashed, made durable, renamed to where the ledger will name them."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from pipelines.engine.contract import sql_name, sql_text
from pipelines.engine.ledger import Part, sync_folder
from pipelines.engine.load import Candidate, TableLoad

FORMAT = "(format parquet, compression zstd)"


def key_queries(load: TableLoad) -> dict[str, list[str]]:
    """For each vault domain, the queries (value, turn) of the values that the accepted rows hold."""
    wanted: dict[str, list[str]] = {}
    for name, column in load.table.columns.items():
        value = sql_name(name)
        if column.key:
            wanted.setdefault(column.key, []).append(
                f"""select {value}::varchar as value, min(files.turn) as turn
                from {load.typed} as typed inner join {load.files} as files on typed._file = files._file
                where typed._fault = 0 and {value} is not null group by {value}"""
            )
    return wanted


def write_parts(load: TableLoad, staging: Path) -> None:
    """One part per delivery that has rows, in the staging folder under its number."""
    full = [c for c in load.candidates if c.reason is None and c.rows > c.rejected]
    if not full:
        return
    query = _rows(load)
    if len(full) == 1:
        _copy(load, f"{query} order by {_order(load)}", staging / f"{full[0].delivery_id}.parquet")
        _finish(full[0], staging, full[0].rows - full[0].rejected)
        return
    load.run(f"create or replace temp table sorted as {query} order by delivery_id, {_order(load)}")
    start = 0
    for candidate in sorted(full, key=lambda one: one.delivery_id):
        rows = candidate.rows - candidate.rejected
        slice_ = f"select * from sorted where rowid between {start} and {start + rows - 1}"
        _copy(load, slice_, staging / f"{candidate.delivery_id}.parquet")
        _finish(candidate, staging, rows)
        start += rows
    load.run("drop table sorted")


def _rows(load: TableLoad) -> str:
    """Lake columns of the accepted rows, personal values replaced by their keys."""
    keyed = {name: column.key for name, column in load.table.columns.items() if column.key}
    joins = [
        f"left join key_{domain} as k{n} on typed.{sql_name(name)}::varchar = k{n}.value"
        for n, (name, domain) in enumerate(keyed.items())
    ]
    numbers = {f"{name}_key": f"k{n}.key" for n, name in enumerate(keyed)}
    own = {"delivery_id": "files.delivery_id", "file_no": "files.file_no", "row_no": load.row_no()}
    columns = [
        f"cast({(numbers | own).get(name, f'typed.{sql_name(name)}')} as {kind}) as {sql_name(name)}"
        for name, kind in load.table.lake_columns.items()
    ]
    return f"""select {", ".join(columns)} from (select rowid, * from {load.typed}) as typed
        inner join {load.files} as files on typed._file = files._file
        {" ".join(joins)} where typed._fault = 0"""


def _order(load: TableLoad) -> str:
    return ", ".join(map(sql_name, (*load.table.cluster_by, "file_no", "row_no")))


def _copy(load: TableLoad, query: str, target: Path) -> None:
    load.run(f"copy ({query}) to {sql_text(str(target))} {FORMAT}")


def _finish(candidate: Candidate, staging: Path, rows: int) -> None:
    system, table, day, redo = candidate.pending.slot
    staged = staging / f"{candidate.delivery_id}.parquet"
    path = f"{system}/{table}/data_date={day}/redo={redo}/part-0.parquet"
    candidate.parts.append(Part(path, hash_durably(staged), staged.stat().st_size, rows))


def hash_durably(path: Path) -> str:
    """SHA-256 of a file that is on the disk afterwards."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def move_parts(candidates: Iterable[Candidate], staging: Path, lake: Path) -> None:
    """Rename every staged part to its place; the folders' entries are durable afterwards."""
    touched: set[Path] = set()
    for candidate in candidates:
        for part in candidate.parts:
            target = lake / part.path
            folder = target.parent
            while not folder.exists():
                touched.add(folder.parent)
                folder = folder.parent
            target.parent.mkdir(parents=True, exist_ok=True)
            (staging / f"{candidate.delivery_id}.parquet").replace(target)
            touched.add(target.parent)
    for folder in sorted(touched):
        sync_folder(folder)
