"""What lights up with which source systems: which tables and KPIs have rows, and what each loses without a system.

Nothing of it is typed in. A table without rows leaves those without rows that read it by an inner join; it takes only
columns from those that join it from the left, and rows from those that unite it with others: the queries say which, and
column lineage says where it goes on. Where a header names a source as optional, its words are used. Conditions are not
looked into.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import sqlglot
from sqlglot import exp

from models.kpi.registry import Composed, Kpi, Measured, Registry, registry
from pipelines.engine.contract import System, load_contracts
from pipelines.engine.lineage import Lineage, column_lineage
from pipelines.engine.raw import raw_columns
from pipelines.engine.table import Table, load_tables

State = Literal["full", "partly", "dark"]
STATES: tuple[State, ...] = ("full", "partly", "dark")


@dataclass(frozen=True)
class Standing:
    """How a table or KPI stands without some systems.

    `void` are columns that hold nothing, `thin` those of which something is missing, `fewer` the tables whose rows are.
    `words` are those of the header, or of a KPI's parts.
    """

    state: State
    void: frozenset[str] = frozenset()
    thin: frozenset[str] = frozenset()
    fewer: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def loses(self) -> str:
        """In one line, what is missing."""
        told = list(self.words)
        told += [f"nothing in {', '.join(sorted(self.void))}"] if self.void else []
        if self.fewer:  # then something is missing everywhere
            told += [] if self.words else [f"no rows from {', '.join(self.fewer)}"]
        elif self.thin:
            told.append(f"less in {', '.join(sorted(self.thin))}")
        return "; ".join(told)

    def lacks(self, column: str) -> bool:
        """Whether values of a column are missing."""
        return self.state == "dark" or bool(self.fewer) or column in self.void or column in self.thin

    def has_nothing(self, column: str) -> bool:
        return self.state == "dark" or column in self.void


FULL, DARK = Standing("full"), Standing("dark")


@dataclass(frozen=True)
class Capabilities:
    """The tables, KPIs and contracts that standings are derived from."""

    systems: Mapping[str, System]
    tables: Mapping[str, Table]
    kpis: Registry

    @classmethod
    def of_project(cls) -> "Capabilities":
        return cls(load_contracts(), load_tables(), registry())

    def needs(self) -> dict[str, dict[str, State]]:
        """For every mart, model and KPI, the systems that it needs (dark without) or uses (partly without)."""
        found: dict[str, dict[str, State]] = {name: {} for name in (*self.shown, *self.kpis.kpis)}
        for system in self.systems:
            standings = self.without([system])
            for name, standing in (standings | self.kpis_without(standings)).items():
                if name in found and standing.state != "full":
                    found[name][system] = standing.state
        return found

    @property
    def shown(self) -> list[str]:
        """What people query, but for the tables that KPIs are kept in: those are shown KPI by KPI."""
        return [
            name for name, table in self.tables.items()
            if not table.schema.startswith("stg_") and table.schema not in ("core", "kpi")
        ]  # fmt: skip

    def without(self, absent: Iterable[str]) -> dict[str, Standing]:
        """The standing of every table, if these systems never deliver."""
        gone = {f"stg_{system}" for system in absent}
        found: dict[str, Standing] = {}
        for name, table in self.tables.items():
            found[name] = DARK if table.schema in gone else self.standing(table, found)
        return found

    def standing(self, table: Table, found: Mapping[str, Standing]) -> Standing:
        affected = {name for name in table.sources if found.get(name, FULL).state != "full"}
        if not affected:
            return FULL
        dark = {name for name, one in found.items() if one.state == "dark"}
        if is_empty(table.query, dark | {table.name}):
            return DARK
        origins = self.lineage[table.name].items()
        void = {column for column, read in origins if read and all(found.get(t, FULL).has_nothing(c) for t, c in read)}
        thin = {column for column, read in origins if any(found.get(t, FULL).lacks(c) for t, c in read)} - void
        fewer = tuple(
            sorted(
                name for name in row_sources(table.query) & affected if found[name].state == "dark" or found[name].fewer
            )
        )
        words = tuple(
            f"{name}: {table.header.optional[name]}" for name in sorted(affected) if name in table.header.optional
        )
        return Standing("partly", frozenset(void), frozenset(thin), fewer, words) if void or thin or fewer else FULL

    @cached_property
    def lineage(self) -> Mapping[str, Lineage]:
        columns = {name: list(table.header.columns) for name, table in self.tables.items()}
        for system in self.systems.values():
            columns |= {f"raw_{table.label}": list(raw_columns(table)) for table in system.tables.values()}
        return Lazy(lambda name: column_lineage(self.tables[name], columns))

    def kpis_without(self, standings: Mapping[str, Standing]) -> dict[str, Standing]:
        """The standing of every KPI, from that of the tables it is measured on and of the columns it uses."""
        return {kpi.id: self.of_kpi(kpi, standings) for kpi in self.kpis.kpis.values()}

    def of_kpi(self, kpi: Kpi, standings: Mapping[str, Standing]) -> Standing:
        parts = [self.of_measure(kpi, kpi.measured(period), standings) for period in kpi.period_types]
        for period in kpi.period_types:
            composed = getattr(kpi, period)
            if isinstance(composed, Composed):
                named = (composed.numerator, composed.denominator)
                parts += [self.of_kpi(self.kpis.kpis[one], standings) for one in named]
        worst = max((part.state for part in parts), key=STATES.index, default="full")
        return Standing(worst, words=tuple(dict.fromkeys(text for part in parts for text in part.words)))

    def of_measure(self, kpi: Kpi, measure: Measured | None, standings: Mapping[str, Standing]) -> Standing:
        if measure is None or standings[measure.source].state == "full":
            return FULL
        table = standings[measure.source]
        if table.state == "dark":
            return DARK
        predicate = self.kpis.populations[kpi.population].predicate
        used: set[str] = set()
        for text in filter(None, (measure.numerator, measure.denominator, measure.filter, predicate)):
            used |= {column.name for column in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Column)}
        seen = Standing("partly", table.void & used, table.thin & used, table.fewer)
        return Standing("partly", words=(f"{measure.source}: {seen.loses()}",)) if seen.loses() else FULL


class Lazy(dict[str, Any]):
    """A mapping that makes its values when they are asked for: lineage of all tables takes seconds."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, key: str) -> Any:
        self[key] = self.make(key)
        return self[key]


def is_empty(query: exp.Expr, dark: set[str], outer: Mapping[str, bool] | None = None) -> bool:
    """Whether a query surely has no row when these tables have none. Conditions are not looked into."""
    named = dict(outer or {})
    for cte in query.args["with_"].expressions if query.args.get("with_") else ():
        named[cte.alias] = True  # for its own recursion
        named[cte.alias] = is_empty(cte.this, dark, named)
    match query:
        case exp.Subquery():
            return is_empty(query.this, dark, named)
        case exp.Union():
            return is_empty(query.left, dark, named) and is_empty(query.right, dark, named)
        case exp.SetOperation():
            return is_empty(query.left, dark, named)
        case exp.Table():
            return f"{query.db}.{query.name}" in dark if query.db else named.get(query.name, False)
        case exp.Select():
            return is_empty_select(query, dark, named)
        case _:
            return False


def is_empty_select(query: exp.Select, dark: set[str], named: Mapping[str, bool]) -> bool:
    source = query.args.get("from_")
    if source is None or (not query.args.get("group") and is_total(query)):
        return False  # a constant, or a total, which is one row even of nothing
    empty = is_empty(source.this, dark, named)
    for join in query.args.get("joins") or ():
        joined = is_empty(join.this, dark, named)
        match join.side, join.kind:
            case "RIGHT", _:
                empty = joined
            case "FULL", _:
                empty = empty and joined
            case ("LEFT", _) | (_, "ANTI"):
                pass
            case _:
                empty = empty or joined
    return empty


def is_total(query: exp.Select) -> bool:
    """An aggregate over all rows; one in a window or in a query of its own is none."""
    found = (one for expression in query.expressions for one in expression.find_all(exp.AggFunc))
    return any(one.find_ancestor(exp.Window, exp.Select) is query for one in found)


def row_sources(query: exp.Expr, outer: Mapping[str, set[str]] | None = None) -> set[str]:
    """The tables that give a query its rows; those that only add columns, joined from the left, are left out."""
    named = dict(outer or {})
    for cte in query.args["with_"].expressions if query.args.get("with_") else ():
        named[cte.alias] = set()
        named[cte.alias] = row_sources(cte.this, named)
    match query:
        case exp.Subquery():
            return row_sources(query.this, named)
        case exp.SetOperation():
            return row_sources(query.left, named) | row_sources(query.right, named)
        case exp.Table():
            return {f"{query.db}.{query.name}"} if query.db else named.get(query.name, set())
        case exp.Select() if query.args.get("from_"):
            joins = [join.this for join in query.args.get("joins") or () if join.side != "LEFT"]
            return set().union(*(row_sources(one, named) for one in (query.args["from_"].this, *joins)))
        case _:
            return set()
