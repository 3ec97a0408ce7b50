"""A query says what a table is for all time; here its inputs are narrowed to the partitions that a night rebuilds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlglot
from sqlglot import exp

from pipelines.engine.table import Table

DATE = re.compile(r"'@(first|month|last)-(\d+)'")  # in a narrowed query, which is made once for all spans


@dataclass(frozen=True)
class Span:
    """Partitions to rebuild: from the first day of the first to the last day of the last.

    With `touched`, a relation (partition date, scope key), only its partitions are wanted; `by_key`: only its keys.
    A span that trailing windows made wider, by `window` days before the first, takes every partition between its ends.
    """

    first: date
    last: date
    touched: str | None = None
    by_key: bool = False
    window: int = 0


def month_start(day: date) -> date:
    return day.replace(day=1)


def month_end(day: date) -> date:
    return month_start(month_start(day) + timedelta(days=31)) - timedelta(days=1)


def span_of(table: Table, first: date, last: date, *, touched: str | None = None, by_key: bool = False) -> Span:
    """The span of whole partitions of a table that covers two days."""
    if table.header.refresh == "month":
        return Span(month_start(first), month_end(last), touched, by_key)
    return Span(first, last, touched, by_key)


def months_of(span: Span) -> list[Span]:
    """A span month by month."""
    found, first = [], span.first
    while first <= span.last:
        found.append(replace(span, first=first, last=min(month_end(first), span.last)))
        first = found[-1].last + timedelta(days=1)
    return found


def new_span(table: Table, first: date, last: date) -> Span:
    """The partitions that a run over some days builds whole; none, when its last lies before its first."""
    if not table.header.open_month and last != month_end(last):
        last = month_start(last) - timedelta(days=1)
        return Span(month_start(first), last)
    return span_of(table, first, last)


def narrowed(
    table: Table,
    tables: Mapping[str, Table],
    span: Span,
    *,
    target: Table | None = None,
    shared: Mapping[str, str] | None = None,
) -> str:
    """The table's query over the inputs of a span of the target, which is the table itself unless it is a view.

    Every core view is spelled out, but for those in `shared`, for which a temporary table stands.
    A step that is kept unmaterialised because a day's rows are many is materialised for the few rows of a key:
    looking for those in every part of the lake is then the cost, and happens once.
    """
    target, shared = target or table, shared or {}
    form = (target.name, span.touched, span.by_key, *sorted(shared.items()))
    if form not in table.narrowings:
        query = narrow_query(table.query.copy(), table, tables, span, target=target, shared=shared)
        if span.by_key:
            for step in query.find_all(exp.CTE):
                step.set("materialized", step.args.get("materialized") is not None or None)
        table.narrowings[form] = query.sql(dialect="duckdb")
    return DATE.sub(lambda found: f"'{date_of(span, found[1], int(found[2]))}'", table.narrowings[form])


def date_of(span: Span, name: str, days: int) -> date:
    """What a date in a narrowed query stands for, such as 'first-90' for the first day of the span less its window."""
    match name:
        case "first":
            return span.first - timedelta(days=days)
        case "month":
            return month_start(span.first - timedelta(days=days))
        case _:
            return span.last


def narrow_query(
    query: exp.Expr,
    reader: Table,
    tables: Mapping[str, Table],
    span: Span,
    *,
    target: Table,
    shared: Mapping[str, str],
) -> exp.Expr:
    for reference in list(query.find_all(exp.Table)):
        source = tables.get(f"{reference.db}.{reference.name}") if reference.db else None
        inner = narrow_source(source, reader, tables, span, target=target, shared=shared) if source else None
        if inner is not None:
            alias = reference.alias or reference.name
            reference.replace(exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias))))
    return query


def narrow_source(
    source: Table, reader: Table, tables: Mapping[str, Table], span: Span, *, target: Table, shared: Mapping[str, str]
) -> exp.Expr | None:
    """What stands in for one source; None leaves the reference as it is."""
    window = reader.header.window_days(source.name)
    if source.name == target.name:
        partition = source.header.partition
        before = f"{partition} >= date '@first-{window}' and {partition} < date '@first-0'"
        return select_where(source.name, before)
    if not source.header.partition:
        return None
    wider = replace(span, window=span.window + window)
    written = None if wider.window else shared.get(source.name)
    if source.header.refresh == "view" and not source.schema.startswith("stg_") and not written:
        return narrow_query(source.query.copy(), source, tables, wider, target=target, shared=shared)
    return select_where(written or source.name, " and ".join(filters(source, target, wider)))


def filters(source: Table, target: Table, span: Span) -> list[str]:
    partition = source.header.partition
    first = "month" if source.header.refresh == "month" else "first"
    found = [f"{partition} >= date '@{first}-{span.window}'", f"{partition} <= date '@last-0'"]
    if span.touched is None:
        return found
    dated, scope = partition_of(target, str(partition)), target.header.scope
    has_key = span.by_key and scope in source.header.columns
    if has_key and not span.window:
        found.append(f"({dated}, {scope}) in (select partition, scope from {span.touched})")
    elif has_key:
        found.append(f"{scope} in (select scope from {span.touched})")
    elif not span.window:
        found.append(f"{dated} in (select partition from {span.touched})")
    return found


def partition_of(table: Table, day: str) -> str:
    """SQL that turns a date expression into the partition of a table."""
    return f"cast(date_trunc('month', {day}) as date)" if table.header.refresh == "month" else day


def select_where(relation: str, predicate: str) -> exp.Expr:
    return sqlglot.parse_one(f"select * from {relation} where {predicate}", dialect="duckdb")
