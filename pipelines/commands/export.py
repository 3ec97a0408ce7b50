"""One DuckDB file with the rows of all published tables, for tools that want a single file."""

from pathlib import Path

import duckdb

from pipelines.engine.home import Home
from pipelines.engine.sandbox import NothingPublished, Refused, quoted
from pipelines.privacy import register

STORAGE = "v1.4.0"  # the oldest version that BI tools in use can open


def export_to(home: Home, target: Path) -> tuple[int, int]:
    """Tables and rows written. The file appears whole or not at all. Raises Refused if it exists."""
    if not home.current.exists():
        raise NothingPublished(f"{home.published}: nothing is published yet; `bassline night` closes the open days")
    if target.exists():
        raise Refused(f"{target}: exists; choose another name, or remove it")
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {quoted(home.current.resolve())} as published (read_only)")
        connection.execute(f"attach {quoted(unfinished)} as export (storage_version '{STORAGE}')")
        rows = sum(copy(connection, *name) for name in published_tables(connection))
        count = len(published_tables(connection))
        connection.execute("detach export")
    register.record(home, "export", run=home.current.resolve().parent.name, file=target.name, tables=count, rows=rows)
    unfinished.rename(target)
    return count, rows


def published_tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of all that is published, views and tables."""
    return connection.execute(
        """select schema_name, view_name from duckdb_views() where database_name = 'published' and not internal
        union all select schema_name, table_name from duckdb_tables() where database_name = 'published' order by all"""
    ).fetchall()


def copy(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
    """Copy one table with its comments; returns its rows."""
    connection.execute("use published")
    connection.execute(f'create schema if not exists export."{schema}"')
    made = connection.execute(
        f'create table export."{schema}"."{name}" as from published."{schema}"."{name}"'
    ).fetchone()
    columns = connection.execute(
        f"""select column_name, comment from duckdb_columns() where database_name = 'published'
        and schema_name = '{schema}' and table_name = '{name}' and comment is not null"""
    ).fetchall()
    for column, comment in columns:
        told = comment.replace("'", "''")
        connection.execute(f'comment on column export."{schema}"."{name}"."{column}" is \'{told}\'')
    return made[0] if made else 0
