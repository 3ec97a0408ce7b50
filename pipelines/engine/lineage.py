"""Column lineage: which columns of which tables each output column of a query is made from."""

from collections.abc import Mapping
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from pipelines.engine.table import Table

Lineage = dict[str, list[tuple[str, str]]]
Memory = dict[tuple[int, str], set[tuple[str, str]]]


def column_lineage(table: Table, columns: Mapping[str, list[str]]) -> Lineage:
    """Per output column of a table, the (table, column) pairs that its values come from, in alphabetical order.

    `columns` holds the columns of every table that may be read. Only values count: a column that merely filters,
    joins or groups is no origin.
    """
    schema: dict[str, Any] = {}
    for name in table.sources & columns.keys():
        database, short = name.split(".")
        schema.setdefault(database, {})[short] = dict.fromkeys(columns[name], "varchar")
    query = qualify(
        table.query.copy(), schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False
    )
    scope = build_scope(query)
    if scope is None:
        return {}
    memory: Memory = {}
    return {name: sorted(_origins(scope, name, memory)) for name in table.header.columns}


def _origins(scope: Scope, column: str, memory: Memory) -> set[tuple[str, str]]:
    """Origins of one output column of a scope; `memory` also ends recursive CTEs."""
    known = memory.get((id(scope), column))
    if known is not None:
        return known
    found = memory[id(scope), column] = set()
    if isinstance(scope.expression, exp.SetOperation):
        position = scope.expression.named_selects.index(column)
        for branch in scope.set_operation_scopes:
            if isinstance(branch.expression, exp.Query):
                found |= _origins(branch, branch.expression.named_selects[position], memory)
        return found
    for item in scope.expression.args.get("expressions", []):
        if item.alias_or_name == column:
            _follow(item, scope, memory, found)
    return found


def _follow(item: exp.Expression, scope: Scope, memory: Memory, found: set[tuple[str, str]]) -> None:
    """Add the origins of every column that an expression uses."""
    for reference in item.find_all(exp.Column):
        source = scope.sources.get(reference.table)
        if isinstance(source, exp.Table):
            found.add((f"{source.db}.{source.name}", reference.name))
        elif isinstance(source, Scope) and isinstance(source.expression, exp.Query):
            if reference.name in source.expression.named_selects:
                found |= _origins(source, reference.name, memory)
        elif (unnested := _unnest(scope, reference)) is not None:
            _follow(unnested, scope, memory, found)


def _unnest(scope: Scope, reference: exp.Column) -> exp.Expression | None:
    """The list that a column of `unnest(list) as alias (column)` is an element of."""
    parts = {reference.table, *(part.name for part in reference.parts)}
    for unnest in scope.expression.find_all(exp.Unnest):
        if unnest.alias in parts:
            return exp.Tuple(expressions=unnest.expressions)
    return None
