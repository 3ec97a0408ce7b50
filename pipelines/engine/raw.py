"""The lake as SQL sees it: ops.delivery from the ledger, and views raw_<system>.<table> over the parts it lists."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.engine import contract, ops
from pipelines.engine.contract import System, sql_name, sql_text
from pipelines.engine.drift import EXTRA
from pipelines.engine.home import operator
from pipelines.engine.ledger import Delivery
from pipelines.engine.retention import expired
from pipelines.engine.rules import typed
from pipelines.engine.table import Table
from pipelines.engine.warehouse import Connection, transaction

Sql = Callable[..., list[tuple[Any, ...]]]


def raw_columns(table: contract.Table) -> dict[str, str]:
    """Columns of a raw view: the lake's, and what the ledger knows of the row's delivery."""
    return table.lake_columns | {"data_date": "DATE", "known_on": "DATE", "superseded_on": "DATE"}


def superseded_on(entries: Iterable[Delivery]) -> dict[int, date]:
    """For each loaded delivery that a newer one of its day replaced: the first night that knew the newer one."""
    by_day: dict[tuple[str, str, date], list[Delivery]] = defaultdict(list)
    for entry in entries:
        if entry.status == "loaded":
            by_day[entry.slot[:3]].append(entry)
    found = {}
    for versions in by_day.values():
        for entry in versions:
            if newer := [other.known_on for other in versions if other.redo > entry.redo]:
                found[entry.delivery_id] = max(entry.known_on, min(newer))
    return found


def register_deliveries(connection: Connection, entries: list[Delivery], to_day: date) -> None:
    """Bring ops.delivery up to what the night of a day may know; remember what is new or newly superseded."""
    known = [entry for entry in entries if entry.known_on <= to_day]
    ends = superseded_on(known)
    rows = [
        (
            e.delivery_id, e.system, e.table, e.data_date, e.redo, e.received_at, e.known_on, ends.get(e.delivery_id),
            e.status, e.reason, len(e.files), e.rows, e.rejected, e.bytes, e.run_id,
        )
        for e in known
    ]  # fmt: skip
    connection.execute("create or replace temp table entries as from ops.delivery limit 0")
    ops.insert(connection, "entries", rows)
    with transaction(connection):
        connection.execute(
            """insert into run.delivery_change
            select entries.delivery_id, coalesce(known.status = 'loaded' and known.superseded_on is null, false)
            from entries
            left join ops.delivery as known on entries.delivery_id = known.delivery_id
            where entries.status = 'loaded' and (known.delivery_id is null
                or entries.superseded_on is distinct from known.superseded_on)
                and entries.delivery_id not in (select delivery_id from run.delivery_change)"""
        )
        connection.execute("delete from ops.delivery")
        connection.execute("insert into ops.delivery from entries order by delivery_id")
        connection.execute("delete from ops.delivery_note")
        ops.insert(connection, "ops.delivery_note", [(e.delivery_id, note) for e in known for note in e.notes])
    connection.execute("drop table entries")


def create_views(
    sql: Sql, systems: dict[str, System], tables: Iterable[Table], entries: list[Delivery], lake: Path
) -> None:
    """One view per source table: over all parts for the staged tables given, for others over what changed."""
    changed = {row[0] for row in sql("select delivery_id from run.delivery_change")}
    known = {row[0] for row in sql("select delivery_id from ops.delivery where status = 'loaded'")}
    by_table: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    for entry in entries:
        if entry.delivery_id in known:
            by_table[entry.system, entry.table].append(entry)
    whole = {source for table in tables for source in table.sources}
    kept = expired(lake)
    for system in systems.values():
        sql(f"create schema if not exists raw_{system.name}")
        for name, table in system.tables.items():
            first = kept.get(table.label, date.min)
            entries_of = [entry for entry in by_table[system.name, name] if entry.data_date >= first]
            if f"raw_{table.label}" not in whole:
                entries_of = [entry for entry in entries_of if entry.delivery_id in changed]
            parts: dict[str, list[str]] = defaultdict(list)
            for entry in entries_of:
                parts[entry.contract_hash] += [str(lake / part.path) for part in entry.parts if part.rows]
            sql(view_sql(sql, table, {contract: paths for contract, paths in parts.items() if paths}))


def view_sql(sql: Sql, table: contract.Table, parts: dict[str, list[str]]) -> str:
    """The view over parts by the hash of the contract under which they were written."""
    columns = raw_columns(table)
    view = f"create or replace view raw_{table.label} as"
    if not parts:
        nulls = ", ".join(f"cast(null as {kind}) as {sql_name(name)}" for name, kind in columns.items())
        return f"{view} select {nulls} where false"
    branches = []
    for written_under, paths in parts.items():
        source = f"read_parquet([{', '.join(map(sql_text, paths))}], hive_partitioning = false, union_by_name = false)"
        held = None if written_under == table.hash else {row[0] for row in sql(f"describe from {source}")}
        lake = ", ".join(lake_column(table, name, held) for name in table.lake_columns)
        branches.append(
            f"""select {lake}, delivery.data_date, delivery.known_on, delivery.superseded_on
            from {source} as part
            inner join ops.delivery as delivery on part.delivery_id = delivery.delivery_id"""
        )
    return f"{view} {' union all '.join(branches)}"


def lake_column(table: contract.Table, name: str, held: set[str] | None) -> str:
    """SQL of a lake column of `part`, which holds the columns `held` if it was written under another contract.

    What the contract learned to know later is read from where its values were kept meanwhile.
    """
    column, kind = table.columns.get(name), table.lake_columns[name]
    if held is None or name in held:
        value = f"part.{sql_name(name)}"
        return value if held is None else f"cast({value} as {kind}) as {sql_name(name)}"
    if column is None or EXTRA not in held or column.type == "list":
        return f"cast(null as {kind}) as {sql_name(name)}"
    kept = f"""json_extract_string(part.{EXTRA}, {sql_text(f'$."{column.header or name}"')})"""
    return f"cast({typed(column, kept, 'text', operator().zone)} as {kind}) as {sql_name(name)}"
