"""What fetches from databases remember of a person, taken out of their sealed states.

Of a snapshot a state holds the keys of all rows: the person's go. Around a watermark it holds hashes of rows; who knows
the rest of a row could try values against one. Where rows of the person are among them all hashes go, and the next
fetch brings the rows from there on once more.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines.engine import rules
from pipelines.engine.connect.changes import WATERMARK, ZONED
from pipelines.engine.connect.state import open_file, seal_file, states_of
from pipelines.engine.contract import Table, sql_name, sql_text
from pipelines.engine.home import Home, operator
from pipelines.engine.vault import Vault
from pipelines.engine.warehouse import quoted

DAYS = 2  # more than between the clocks of a database and of the lake


def forget(home: Home, vault: Vault, table: Table, parts: list[str], keys: Mapping[str, Collection[int]]) -> int:
    """Rewrite the states of a fetched table without the person; returns the number of rows that went."""
    whose = [f"{c}_key in ({', '.join(map(str, sorted(keys[d])))})" for c, d in table.domains.items() if keys.get(d)]
    states = states_of(home.landing / table.system, table.name)
    if not (whose and parts and states):
        return 0
    mine = f"""read_parquet([{", ".join(map(quoted, parts))}], hive_partitioning = false, union_by_name = true)
        where {" or ".join(whose)}"""
    gone = 0
    plain, kept = home.spill / "erase.state.parquet", home.spill / "erase.kept.parquet"
    plain.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        for sealed in states:
            open_file(home, sealed, plain)
            with duckdb.connect() as db:
                db.execute("set TimeZone = 'UTC'")
                rows = _without(db, vault, table, mine, plain, kept)
            if rows:
                seal_file(home, kept, sealed)
                gone += rows
    finally:
        plain.unlink(missing_ok=True)
        kept.unlink(missing_ok=True)
    return gone


def _without(db: duckdb.DuckDBPyConnection, vault: Vault, table: Table, mine: str, plain: Path, kept: Path) -> int:
    state = f"read_parquet({sql_text(str(plain))})"
    said = f"select decode(key), decode(value) from parquet_kv_metadata({sql_text(str(plain))})"
    metadata = dict(db.execute(said).fetchall())
    if table.watermark:
        hit = "true" if _is_around(db, table, mine, metadata[WATERMARK]) else "false"
    else:
        kinds = {row[0]: row[1] for row in db.execute(f"describe from {state}").fetchall()}
        _own_keys(db, vault, table, mine)
        same = (f"mine.key_{n} is not distinct from {_typed(table, n, kinds)}" for n in range(len(table.key)))
        hit = f"exists (select 1 from mine where {' and '.join(same)})"
    rows = int(db.execute(f"select count(*) from {state} as state where {hit}").fetchall()[0][0])
    if rows:
        told = ", ".join(f"{name}: {sql_text(metadata.get(name, ''))}" for name in (WATERMARK, ZONED))
        query = f"select * from {state} as state where not {hit}"
        db.execute(f"copy ({query}) to {sql_text(str(kept))} (format parquet, kv_metadata {{{told}}})")
    return rows


def _is_around(db: duckdb.DuckDBPyConnection, table: Table, mine: str, last: str) -> bool:
    """Whether the person has rows that the next fetch would compare."""
    name = sql_name(table.watermark or "")
    kind = table.columns[table.watermark or ""].type
    if not last:
        return True
    if kind in ("timestamp", "date"):
        bound = f"{sql_text(last)}::timestamp - to_seconds({_overlap_s(table)}) - interval {DAYS} day"
    else:
        bound = f"{sql_text(last)}::hugeint - {int(table.overlap or 0)}"
    return bool(db.execute(f"select 1 from {mine} and ({name} is null or {name} >= {bound}) limit 1").fetchall())


def _overlap_s(table: Table) -> int:
    from pipelines.engine.connect.declared import overlap_time

    return int(overlap_time(table.overlap).total_seconds())


def _own_keys(db: duckdb.DuckDBPyConnection, vault: Vault, table: Table, mine: str) -> None:
    """The temporary table `mine`: the natural keys of the person's rows, as text in clear."""
    columns = [f"{name}_key" if name in table.domains else f"{sql_name(name)}::varchar" for name in table.key]
    found: list[list[Any]] = [
        list(row) for row in db.execute(f"select distinct {', '.join(columns)} from {mine}").fetchall()
    ]
    for n, name in enumerate(table.key):
        if name in table.domains:
            values = vault.reveal(table.domains[name], {row[n] for row in found if row[n] is not None})
            for row in found:
                row[n] = values.get(row[n])
    names = [f"key_{n}" for n in range(len(table.key))]
    db.execute(f"create or replace temp table mine ({', '.join(f'{name} varchar' for name in names)})")
    if found:
        db.executemany(f"insert into mine values ({', '.join('?' for _ in names)})", found)


def _typed(table: Table, n: int, kinds: Mapping[str, str]) -> str:
    """SQL of a key in a state as the lake has it, as text."""
    kind = {"VARCHAR": "text", "TIMESTAMP WITH TIME ZONE": "tz="}.get(kinds[f"key_{n}"], "number")
    return f"({rules.typed(table.columns[table.key[n]], f'state.key_{n}', kind, operator().zone)})::varchar"
