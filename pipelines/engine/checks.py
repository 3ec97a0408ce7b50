"""The promises in a table's header, checked on the rows a run wrote: the grain for free, then `checks` and `watch`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from pipelines.engine.table import Table

Sql = Callable[[str], list[tuple[Any, ...]]]
SAMPLE = 3


class BrokenPromise(Exception):
    """Rows break a promise of their table; the table keeps what it had."""


@dataclass(frozen=True)
class CheckResult:
    """One promise: how many rows break it, and a few of them in words."""

    name: str
    severity: str
    passed: bool
    offenders: int
    sample: str = ""


def check_rows(sql: Sql, table: Table, rows: str, held_by: str) -> list[CheckResult]:
    """Every promise of a table's header on the rows that a predicate names in a relation; predicates in one scan."""
    filled = [column for column in table.header.grain if column not in table.header.nullable]
    promises = [(f"{column} is not null", "check") for column in filled]
    promises += [(predicate, "check") for predicate in table.header.checks]
    promises += [(predicate, "watch") for predicate in table.header.watch]
    counts = ", ".join(f"count(*) filter (where ({predicate}) is false)" for predicate, _ in promises)
    found = sql(f"select {counts} from {held_by} where {rows}")[0]
    results = [
        CheckResult(predicate, severity, n == 0, n, sample(sql, table, held_by, rows, predicate) if n else "")
        for (predicate, severity), n in zip(promises, found, strict=True)
    ]
    return [*results, unique_grain(sql, table, rows, held_by)]


def unique_grain(sql: Sql, table: Table, rows: str, held_by: str) -> CheckResult:
    grain = ", ".join(table.header.grain)
    name = f"one row per {grain}"
    if is_grouped_by_grain(table):
        return CheckResult(name, "check", True, 0, "holds by the query's group by")
    doubles = sql(f"select count(*) - count(distinct hash({grain})) from {held_by} where {rows}")[0][0]
    if not doubles:
        return CheckResult(name, "check", True, 0)
    examples = sql(
        f"select {grain}, count(*) from {held_by} where {rows} group by all having count(*) > 1 limit {SAMPLE}"
    )
    return CheckResult(name, "check", False, doubles, "; ".join(map(str, examples)))


def is_grouped_by_grain(table: Table) -> bool:
    """True when the outermost SELECT groups by exactly what it returns as the grain: its rows are unique then."""
    query = table.query
    group = query.args.get("group") if isinstance(query, exp.Select) else None
    if group is None or any(group.args.get(kind) for kind in ("cube", "rollup", "grouping_sets")):
        return False
    returned = {item.alias_or_name: item.unalias() for item in query.expressions}
    grain = {returned.get(name) for name in table.header.grain}
    return bool(grain) and grain == set(group.expressions)


def sample(sql: Sql, table: Table, held_by: str, rows: str, predicate: str) -> str:
    columns = ", ".join(table.header.columns)
    found = sql(f"select {columns} from {held_by} where ({rows}) and ({predicate}) is false limit {SAMPLE}")
    return "; ".join(", ".join(f"{k}={v}" for k, v in zip(table.header.columns, row, strict=True)) for row in found)


def broken(table: Table, results: list[CheckResult]) -> None:
    """Raises BrokenPromise, naming the file, the rules, the counts and some offending rows."""
    failed = [result for result in results if result.severity == "check" and not result.passed]
    if failed:
        told = "; ".join(
            f"`{result.name}` fails on {result.offenders} rows, such as {result.sample}" for result in failed
        )
        raise BrokenPromise(f"{table.path}: {table.name} keeps its rows: {told}")
