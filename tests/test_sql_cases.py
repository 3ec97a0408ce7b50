"""Runs the given/expect cases of tests/sql: each file names a table, each case gives rows and states what comes out."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.engine.apply import applied
from pipelines.engine.contract import load_contracts
from pipelines.engine.home import operator
from pipelines.engine.raw import raw_columns
from pipelines.engine.table import Table, load_tables
from pipelines.engine.warehouse import MACROS

TABLES = load_tables()
CONTRACTS = load_contracts()
CASES = [
    pytest.param(path.stem, case, id=f"{path.stem}-{name}")
    for path in sorted(Path(__file__).parent.glob("sql/*.yaml"))
    for name, case in yaml.safe_load(path.read_text()).items()
]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_table_answers_its_case(name: str, case: dict[str, Any]) -> None:
    table = TABLES[name]
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for macro in MACROS:
            connection.execute(macro)
        set_variables(connection, case)
        give_sources(connection, table, case["given"])
        query = applied(connection, table, table.sql, Path("nothing was fitted")) if table.header.applies else table.sql
        casts = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in table.header.types().items())
        result = connection.execute(f"select {casts} from ({query}) as query")
        names = [item[0] for item in result.description or []]
        found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    shown = sorted({column for row in case["expect"] for column in row})
    assert comparable(found, shown) == comparable(case["expect"], shown)


def set_variables(connection: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> None:
    as_of = case.get("as_of", date(2026, 1, 31))
    for name, default in (("as_of", as_of), ("from_day", as_of), ("to_day", as_of)):
        connection.execute(f"set variable {name} = date '{case.get(name, default)}'")
    connection.execute("set variable time_zone = ?", [operator().time_zone])
    connection.execute("set variable late_days = ?", [operator().late_days])


def give_sources(connection: duckdb.DuckDBPyConnection, table: Table, given: dict[str, list[dict[str, Any]]]) -> None:
    """Every source of the query exists with the rows that the case gives; core views are computed from them."""
    if unknown := given.keys() - (known_sources(table) | {table.name}):
        raise AssertionError(f"the case gives {sorted(unknown)}, which {table.name} does not read")
    for source in ordered_sources(table, given):
        schema = source.split(".")[0]
        connection.execute(f"create schema if not exists {schema}")
        view = TABLES.get(source)
        if view and view.header.refresh == "view" and source not in given:
            connection.execute(f"create view {source} as {view.sql}")
            continue
        columns = source_columns(source)
        connection.execute(f"create table {source} ({', '.join(f'{n} {k}' for n, k in columns.items())})")
        for row in given.get(source, []):
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"insert into {source} ({names}) values ({marks})", list(row.values()))


def known_sources(table: Table) -> set[str]:
    found = set(table.sources)
    for name in table.sources & TABLES.keys():
        if TABLES[name].header.refresh == "view":
            found |= known_sources(TABLES[name])
    return found


def ordered_sources(table: Table, given: dict[str, Any]) -> list[str]:
    """Sources before the views that read them; a view that the case gives hides what lies behind it."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        source = TABLES.get(name)
        if source and source.header.refresh == "view" and name not in given:
            for upstream in sorted(source.sources):
                visit(upstream)
        order.append(name)

    for name in sorted(table.sources | ({table.name} if table.name in given or table.name in table.sql else set())):
        visit(name)
    return order


def source_columns(name: str) -> dict[str, str]:
    if name in TABLES:
        return TABLES[name].header.types()
    schema, short = name.split(".")
    return raw_columns(CONTRACTS[schema.removeprefix("raw_")].tables[short])


def comparable(rows: list[dict[str, Any]], shown: list[str]) -> list[tuple[str, ...]]:
    return sorted(tuple(text(row.get(column)) for column in shown) for row in rows)


def text(value: Any) -> str:
    """Values of YAML and of DuckDB in one spelling: 5, 5.0 and Decimal('5.00') are the same number."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, datetime | date):
        return value.isoformat().replace("T", " ").removesuffix(" 00:00:00")
    return "null" if value is None else str(value)


def test_every_value_that_contracts_allow_is_listed_by_the_events_enums() -> None:
    """One that is not would stop the night."""
    kinds = TABLES["core.line_event"].header.types()
    cdr, session = CONTRACTS["mediation"].tables["cdr"].columns, CONTRACTS["charging"].tables["data_record"].columns
    told = [
        ("direction_type", cdr["direction"]), ("roam_type", cdr["roam_type"]), ("roam_type", session["roam_type"]),
        ("other_operator", cdr["other_operator"]), ("rat_type", session["rat"]), ("cause_type", cdr["cause"]),
    ]  # fmt: skip
    for name, column in told:
        assert column.values, name
        allowed = {value for value in column.values if value != "partial"}  # core.usage_event turns it into normal
        assert allowed <= set(kinds[name].removeprefix("enum(").rstrip(")").replace("'", "").split(", ")), name
