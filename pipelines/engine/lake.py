"""Accepted rows as Parquet parts: written aside, hashed, made durable, renamed to where the ledger will name them."""

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipelines.engine import drift
from pipelines.engine.contract import sql_name, sql_text
from pipelines.engine.ledger import Part, sync_folder
from pipelines.engine.load import Candidate, Staged, TableLoad
from pipelines.engine.warehouse import PARQUET

PARTITIONED = "partition_by (delivery_id), write_partition_columns true"
SYNCING = 16  # waiting for the disk at once: the file system commits them together


def key_queries(load: TableLoad) -> dict[str, list[str]]:
    """For each vault domain, the queries (value, turn) of the values that the accepted rows hold."""
    wanted: dict[str, list[str]] = {}
    for name, domain in load.table.domains.items():
        value = sql_name(name)
        wanted.setdefault(domain, []).append(
            f"""select {value}::varchar as value, min(files.turn) as turn
            from {load.typed} as typed inner join {load.files} as files on typed._file = files._file
            where typed._fault = 0 and {value} is not null group by {value}"""
        )
    return wanted


def write_parts(load: TableLoad, staging: Path) -> None:
    """Parts of every delivery that has rows, under `staging/<table>/delivery_id=<n>/`, in one statement."""
    full = {c.delivery_id: c for c in load.candidates if c.reason is None and c.rows > c.rejected}
    if not full:
        return
    staging = staging / load.table.label
    if len(full) == 1:
        (only,) = full
        folder = staging / f"delivery_id={only}"
        folder.mkdir(parents=True)
        order, target = _order(load), f"{sql_text(str(folder / 'data_0.parquet'))} ({PARQUET}"
    else:
        order = f"delivery_id, {_order(load)}"
        target = f"{sql_text(str(staging))} ({PARQUET}, {PARTITIONED}"
    written = load.run(f"copy ({_rows(load)} order by {order}) to {target}, return_stats)")
    for name, rows, size, *_ in sorted(written):
        candidate = full[int(Path(name).parent.name.removeprefix("delivery_id="))]
        candidate.staged.append(Staged(Path(name), rows, size))


def _rows(load: TableLoad) -> str:
    """Lake columns of the accepted rows, personal values replaced by their keys."""
    keyed = load.table.domains
    joins = [
        f"left join key_{domain} as k{n} on typed.{sql_name(name)}::varchar = k{n}.value"
        for n, (name, domain) in enumerate(keyed.items())
    ]
    numbers = {f"{name}_key": f"k{n}.key" for n, name in enumerate(keyed)}
    own = {"delivery_id": "files.delivery_id", "file_no": "files.file_no", "row_no": load.row_no()}
    own[drift.EXTRA] = drift.kept_sql(load)
    columns = [
        f"cast({(numbers | own).get(name, f'typed.{sql_name(name)}')} as {kind}) as {sql_name(name)}"
        for name, kind in load.table.lake_columns.items()
    ]
    return f"""select {", ".join(columns)} from (select rowid, * from {load.typed}) as typed
        inner join {load.files} as files on typed._file = files._file
        {" ".join(joins)} where typed._fault = 0"""


def _order(load: TableLoad) -> str:
    return ", ".join(map(sql_name, (*load.table.cluster_by, "file_no", "row_no")))


def settle(candidates: Iterable[Candidate]) -> None:
    """Make every staged file durable and name it as a part; side by side, because each waits for the disk."""
    staged = [file for candidate in candidates for file in candidate.staged]
    with ThreadPoolExecutor(SYNCING) as pool:
        hashes = dict(zip(staged, pool.map(lambda file: hash_durably(file.path), staged), strict=True))
    for candidate in candidates:
        system, table, day, redo = candidate.pending.slot
        folder = f"{system}/{table}/data_date={day}/redo={redo}"
        candidate.parts = [
            Part(f"{folder}/part-{number}.parquet", hashes[file], file.bytes, file.rows)
            for number, file in enumerate(candidate.staged)
        ]


def move_parts(candidates: Iterable[Candidate], lake: Path) -> None:
    """Rename every staged file to its place; the folders' entries are durable afterwards."""
    touched: set[Path] = set()
    for candidate in candidates:
        for file, part in zip(candidate.staged, candidate.parts, strict=True):
            target = lake / part.path
            folder = target.parent
            while not folder.exists():
                touched.add(folder.parent)
                folder = folder.parent
            target.parent.mkdir(parents=True, exist_ok=True)
            file.path.replace(target)
            touched.add(target.parent)
    with ThreadPoolExecutor(SYNCING) as pool:
        list(pool.map(sync_folder, sorted(touched)))


def hash_durably(path: Path) -> str:
    """SHA-256 of a file that is on the disk afterwards."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
