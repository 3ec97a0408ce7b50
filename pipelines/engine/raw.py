"""The lake as SQL sees it: ops.delivery from the ledger, and views raw_<system>.<table> over the parts it lists."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.engine import contract, ops
from pipelines.engine.contract import System
from pipelines.engine.ledger import Delivery
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
            select entries.delivery_id from entries
            left join ops.delivery as known on entries.delivery_id = known.delivery_id
            where entries.status = 'loaded' and (known.delivery_id is null
                or entries.superseded_on is distinct from known.superseded_on)
                and entries.delivery_id not in (select delivery_id from run.delivery_change)"""
        )
        connection.execute("delete from ops.delivery")
        connection.execute("insert into ops.delivery from entries order by delivery_id")
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
    for system in systems.values():
        sql(f"create schema if not exists raw_{system.name}")
        for name, table in system.tables.items():
            entries_of = by_table[system.name, name]
            wanted = (
                entries_of if f"raw_{table.label}" in whole else [e for e in entries_of if e.delivery_id in changed]
            )
            sql(view_sql(table, [str(lake / part.path) for entry in wanted for part in entry.parts if part.rows]))


def view_sql(table: contract.Table, parts: list[str]) -> str:
    columns = raw_columns(table)
    view = f"create or replace view raw_{table.label} as"
    if not parts:
        nulls = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
        return f"{view} select {nulls} where false"
    listed = ", ".join("'" + part.replace("'", "''") + "'" for part in parts)
    lake = ", ".join(f"part.{name}" for name in table.lake_columns)
    return f"""{view} select {lake}, delivery.data_date, delivery.known_on, delivery.superseded_on
        from read_parquet([{listed}], hive_partitioning = false, union_by_name = false) as part
        inner join ops.delivery as delivery on part.delivery_id = delivery.delivery_id"""
