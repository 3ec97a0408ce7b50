"""A view that many tables read is written out once per run, instead of being computed for each of them.

Such a view's header says `shared: true`. Its rows of the new day, and those of the closed keys that are restated, lie
in temporary tables until the last table that reads it is built. A run over very many rows does without: what it would
write out does not fit into memory, and costs more than it saves.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from pipelines.engine.narrow import Span, narrowed
from pipelines.engine.restate import Changes
from pipelines.engine.table import Table
from pipelines.engine.warehouse import quoted

ROWS = 30_000_000  # delivered for a span; more are not written out
Sql = Callable[..., list[tuple[Any, ...]]]


class Shared:
    """The views of a run that are written out, and for which span each was."""

    def __init__(self, sql: Sql, tables: Mapping[str, Table], changes: Changes) -> None:
        self.sql, self.tables, self.changes = sql, tables, changes
        self.written: dict[str, Span] = {}  # by temporary table

    def views_behind(self, table: Table) -> Iterator[Table]:
        """The shared views that a table reads, through other core views too."""
        for name in sorted(table.sources & self.tables.keys()):
            source = self.tables[name]
            if source.header.shared:
                yield source
            elif self.is_view(name) and not source.schema.startswith("stg_"):
                yield from self.views_behind(source)

    def written_out(self, table: Table, span: Span) -> dict[str, str]:
        """The temporary tables that stand for the shared views of a table, by view."""
        if span.touched and not span.by_key:
            return {}
        views = [view for view in self.views_behind(table) if span.by_key or self.rows_of(view, span) <= ROWS]
        return {view.name: self.write_out(view, table, span) for view in views}

    def rows_of(self, view: Table, span: Span) -> int:
        """Rows delivered for the days of a span to the sources behind a view."""
        behind, found = [view], []
        while behind:
            sources = behind.pop().sources
            found += [quoted(name) for name in sources if name.startswith("raw_")]
            behind += [
                self.tables[name] for name in sources & self.tables.keys() if not self.tables[name].is_incremental
            ]
        counted = self.sql(
            f"""select coalesce(sum(row_count), 0) from ops.delivery
            where status = 'loaded' and 'raw_' || system || '.' || table_name in ({", ".join(sorted(found))})
            and data_date between date '{span.first}' and date '{span.last}'"""
        )
        return int(counted[0][0])

    def is_view(self, name: str) -> bool:
        return self.tables[name].header.refresh == "view"

    def write_out(self, view: Table, reader: Table, span: Span) -> str:
        name = f"{view.short_name}_{'closed' if span.by_key else 'new'}"
        if self.holds(name, span):
            return name
        if span.by_key:
            span = self.gather_keys(view, reader, span, f"{name}_keys")
        query = narrowed(view, self.tables, span, target=reader)
        read = self.columns_read(view)
        columns = ", ".join(
            f"cast({column} as {kind}) as {column}" for column, kind in view.header.types().items() if column in read
        )
        self.sql(f"create or replace temp table {name} as select {columns} from ({query}) as query")
        self.written[name] = span
        return name

    def gather_keys(self, view: Table, reader: Table, span: Span, name: str) -> Span:
        """A temporary table of the keys that this reader and those after it will ask for, as far as is known already:
        looking for few keys in every part of the lake costs as much as looking for many.
        """
        wanted = [f"from {span.touched}"]
        for table in self.later(reader):
            is_alike = (table.header.refresh, table.header.scope) == (reader.header.refresh, reader.header.scope)
            if is_alike and view in self.views_behind(table) and self.is_there(table):
                rows = self.changes.touched_rows(table)
                wanted.append(f"from ({rows}) where scope is not null and partition <= date '{span.last}'")
        self.sql(f"create or replace temp table {name} as {' union '.join(wanted)}")
        first, last = self.sql(f"select min(partition), max(partition) from {name}")[0]
        return replace(span, first=first, last=last, touched=name)

    def is_there(self, table: Table) -> bool:
        return bool(
            self.sql(f"select 1 from duckdb_tables() where schema_name || '.' || table_name = {quoted(table.name)}")
        )

    def later(self, table: Table) -> list[Table]:
        """The tables that are built after one."""
        names = list(self.tables)
        return [self.tables[name] for name in names[names.index(table.name) + 1 :]]

    def holds(self, name: str, span: Span) -> bool:
        """Whether a temporary table has all rows of a span; of the touched keys, perhaps more."""
        if name not in self.written:
            return False
        if not span.by_key:
            return self.written[name] == span
        return not self.sql(f"select 1 from {span.touched} anti join {name}_keys using (partition, scope) limit 1")

    def columns_read(self, view: Table) -> set[str]:
        """The columns that any table takes from the view, or would by their names, and what narrowing needs."""
        readers = [table for table in self.tables.values() if view.name in table.sources]
        found = {column.name for reader in readers for column in reader.query.find_all(exp.Column)}
        return found | set(filter(None, (view.header.partition, view.header.scope)))

    def built(self, table: Table) -> None:
        """Drop what no table after this one reads."""
        for view in self.views_behind(table):
            if not any(view in self.views_behind(each) for each in self.later(table) if each.is_incremental):
                self.forget(view.short_name)

    def forget(self, prefix: str = "") -> None:
        """Drop written rows; after a failure all of them, because its transaction may have undone some."""
        for name in [name for name in self.written if name.startswith(prefix)]:
            self.sql(f"drop table if exists {name}; drop table if exists {name}_keys")
            del self.written[name]
