"""A warehouse in memory in which the KPI tables are built from rows that a test states."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import duckdb
import pytest

from models.kpi.registry import registry
from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS

Rows = dict[str, list[dict[str, Any]]]
Kpis = Callable[..., duckdb.DuckDBPyConnection]


declared_tables = cache(load_tables)


@pytest.fixture
def kpis() -> Kpis:
    def build(given: Rows, *, as_of: date = date(2026, 2, 28)) -> duckdb.DuckDBPyConnection:
        tables = declared_tables()
        connection = duckdb.connect(config={"threads": 1})
        for macro in MACROS:
            connection.execute(macro)
        connection.execute(f"set variable as_of = date '{as_of}'")
        for name in registry().sources:
            schema, types = name.split(".")[0], tables[name].header.types()
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {name} ({', '.join(f'{n} {k}' for n, k in types.items())})")
            for row in given.get(name, []):
                marks = ", ".join("?" * len(row))
                connection.execute(f"insert into {name} ({', '.join(row)}) values ({marks})", list(row.values()))
        connection.execute("create schema kpi")
        for table in (table for name, table in tables.items() if name.startswith("kpi.")):
            kind = "view" if table.header.refresh == "view" else "table"
            casts = ", ".join(f"cast({n} as {k}) as {n}" for n, k in table.header.types().items())
            connection.execute(f"create {kind} {table.name} as select {casts} from ({table.sql}) as query")
        return connection

    return build
