"""What changed in days that were already closed, and which rows downstream it touches.

Relations of schema `run` named after a table hold the closed partitions and keys whose rows changed since the last
published night. They survive a crash, so that the night that completes restates what the broken one had begun.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.engine import ops
from pipelines.engine.narrow import partition_of
from pipelines.engine.table import Table
from pipelines.engine.warehouse import quoted

Sql = Callable[..., list[tuple[Any, ...]]]
LINEAGE = ("delivery_id", "file_no", "row_no", "known_on", "superseded_on")
ADDITIVE = ("bigint", "integer", "decimal", "hugeint")


class Changes:
    """Closed partitions that a run changes: collected per table, propagated to the tables that read it."""

    def __init__(self, sql: Sql, tables: Mapping[str, Table], run_id: str, to_day: date) -> None:
        self.sql, self.tables, self.run_id, self.to_day = sql, tables, run_id, to_day
        self.scopes = {table.header.scope for table in tables.values() if table.header.scope}
        self.noted = {row[0] for row in sql("select table_name from duckdb_tables() where schema_name = 'run'")}

    def keys(self, table: Table) -> list[str]:
        return [name for name in table.header.columns if name in self.scopes]

    def relation(self, table: Table) -> str:
        return f'run."{table.name}"'

    def exists(self, table: Table) -> bool:
        return table.name in self.noted

    def add(self, table: Table, columns: str, source: str) -> None:
        verb = "insert into {0}" if self.exists(table) else "create table {0} as"
        self.sql(f"{verb.format(self.relation(table))} select distinct {columns} from {source}")
        self.noted.add(table.name)

    def of_deliveries(self, table: Table, from_day: date) -> None:
        """Closed partitions and keys of which new or replaced deliveries say something else than before.

        A day that is delivered again mostly repeats itself: rows that come and rows that go cancel out by content.
        """
        if table.header.partition:
            columns = ", ".join(["partition", *self.keys(table)])
            content = ", ".join(f"rows.{name}" for name in table.header.columns if name not in LINEAGE)
            self.add(
                table,
                columns,
                f"""(select {table.header.partition} as {columns}, hash({content})::hugeint as content,
                        (delivery.superseded_on is null)::integer - changed.was_counted::integer as change
                    from {table.name} as rows
                    inner join run.delivery_change as changed on rows.delivery_id = changed.delivery_id
                    inner join ops.delivery as delivery on rows.delivery_id = delivery.delivery_id
                    where {table.header.partition} < date '{from_day}') as rows
                group by all having sum(change) <> 0 or sum(change * content) <> 0""",
            )

    def of_view(self, table: Table, from_day: date) -> None:
        if table.schema.startswith("stg_"):
            self.of_deliveries(table, from_day)

    def is_watched(self, table: Table) -> bool:
        return any(reader.header.reads.get(table.name) == "changes" for reader in self.tables.values())

    def of_intervals(self, table: Table, *, old: str) -> None:
        """The stretches of time in which a table of validity intervals says something else than before.

        An interval that only ends elsewhere changes nothing before the earlier of its two ends.
        """
        same = ", ".join(name for name in table.header.columns if name != "valid_to")
        self.add(
            table,
            f"""{", ".join(self.keys(table))},
                case when old_to is null or new_to is null then valid_from else least(old_to, new_to) end as valid_from,
                greatest(old_to, new_to) as valid_to""",
            f"""(select {same}, old_rows.valid_to as old_to, new_rows.valid_to as new_to
                from {old} as old_rows full join {table.name} as new_rows using ({same}))
            where old_to is distinct from new_to""",
        )

    def of_rows(self, table: Table, gone: str, come: str) -> None:
        """Closed rows that were replaced by others, and what that changed: amounts by partition."""
        old, new = self.sums(table, gone), self.sums(table, come)
        if not old and not new:
            return
        columns = ", ".join([f"{table.header.partition} as partition", *self.keys(table)])
        self.add(table, "*", f"(select {columns} from {gone} union all select {columns} from {come})")
        kept, scope = (
            ("run.restated", f", {table.header.scope}") if table.header.scope else ("run.rewritten", "")
        )  # what the next published run has to tell anew: some keys of a partition, or all of it
        self.sql(
            f"""insert into {kept} select distinct {quoted(table.name)}, partition{scope}
            from (select {columns} from {gone} union all select {columns} from {come})"""
        )
        names = ["", *self.measures(table)]
        nothing = (0,) * len(names)
        restated = []
        for day in sorted(old.keys() | new.keys()):
            before, after = old.get(day, nothing), new.get(day, nothing)
            deltas = {n: Decimal(b or 0) - Decimal(a or 0) for n, a, b in zip(names, before, after, strict=True)}
            rows_changed = int(deltas.pop(""))
            for measure, amount in {k: v for k, v in deltas.items() if v}.items() or {
                "row_count": rows_changed
            }.items():
                if rows_changed or amount:
                    restated.append([self.run_id, self.to_day, table.name, day, rows_changed, measure, amount])
        if restated:
            self.sql(ops.insertion("ops.restatement", restated))

    def measures(self, table: Table) -> list[str]:
        header = table.header
        return [
            name for name, kind in header.types().items()
            if name not in header.grain and not name.endswith("_key") and kind.lower().startswith(ADDITIVE)
        ]  # fmt: skip

    def sums(self, table: Table, relation: str) -> dict[date, tuple[Any, ...]]:
        totals = "".join(f", sum({name})" for name in self.measures(table))
        partition = table.header.partition
        found = self.sql(f"select {partition}, count(*){totals} from {relation} group by {partition}")
        return {row[0]: row[1:] for row in found}

    def touch(self, table: Table, closed_before: date) -> bool:
        """Fill run.touched_whole (partition) and run.touched (partition, scope) with the closed rows to build anew.

        Returns False when there are none; then run.touched_whole is not filled.
        """
        self.sql(
            f"""create or replace table run.touched as from ({self.touched_rows(table)})
            where partition < date '{closed_before}'"""
        )
        if not self.sql("select 1 from run.touched limit 1"):
            return False
        self.sql(
            """create or replace table run.touched_whole as
            select distinct partition from run.touched where scope is null"""
        )
        self.sql("delete from run.touched where partition in (select partition from run.touched_whole)")
        return True

    def touched_rows(self, table: Table) -> str:
        """The query (partition, scope) over what changed so far behind a table, in days that it may hold."""
        selects = [self.touched_by(table, source, days) for source, days in self.dated_sources(table)]
        selects += [self.touched_by_intervals(table, source) for source in self.interval_sources(table)]
        return (
            " union ".join(filter(None, selects)) or "select null::date as partition, null::bigint as scope where false"
        )

    def dated_sources(self, table: Table, days: int = 0) -> Iterator[tuple[Table, int]]:
        """The partitioned tables behind a table's query, through core views, with the trailing window of each."""
        for name in sorted(table.sources & self.tables.keys()):
            source, window = self.tables[name], days + table.header.window_days(name)
            if source.header.refresh == "view" and not source.schema.startswith("stg_"):
                yield from self.dated_sources(source, window)
            elif source.header.partition:
                yield source, window

    def interval_sources(self, table: Table) -> Iterator[Table]:
        """The tables of validity intervals behind a table's query, through core views."""
        for name in sorted(table.sources & self.tables.keys()):
            source = self.tables[name]
            if table.header.reads.get(name) == "changes":
                yield source
            elif source.header.refresh == "view":
                yield from self.interval_sources(source)

    def touched_by(self, table: Table, source: Table, days: int) -> str | None:
        if not self.exists(source):
            return None
        scope = table.header.scope if table.header.scope in self.keys(source) else "null::bigint"
        partition = partition_of(table, "cast(partition + cast(n as integer) as date)")
        window = f"range(0, {days + 1}) as window_days(n)"
        return f"select {partition} as partition, {scope} as scope from {self.relation(source)}, {window}"

    def touched_by_intervals(self, table: Table, source: Table) -> str | None:
        if not self.exists(source):
            return None
        partition, scope = table.header.partition, table.header.scope
        local = "cast(timezone(getvariable('time_zone'), timezone('UTC', changed.{0}::timestamp)) as date)"
        return f"""select distinct rows.{partition} as partition, rows.{scope} as scope from {table.name} as rows
            inner join {self.relation(source)} as changed on rows.{scope} = changed.{scope}
            and rows.{partition} between {partition_of(table, local.format("valid_from"))}
            and case when changed.valid_to >= timestamp '9999-01-01' then date '9999-12-31'
                else {local.format("valid_to")} end"""

    def bounds(self, relation: str) -> tuple[date, date] | None:
        """The first and last partition in a relation of touched rows."""
        found = self.sql(f"select min(partition), max(partition) from {relation}")[0]
        return (found[0], found[1]) if found[0] else None
