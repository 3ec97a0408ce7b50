"""Compiles the KPIs of one source into one SELECT: a single scan, then every dimension set from its cells."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp

from models.kpi.registry import Kpi, Measured, PeriodType, Registry

KEEP = {"day": "26 months", "month": "60 months"}  # as long as what they are measured from
CELL = ("dimension_set", "dimension_1", "dimension_2", "dimension_3", "dimension_4")
CELL_COLUMNS = {
    "kpi_id": "varchar - KPI as named in the registry.",
    "period_start": "date - First day of the period, in the operator's time zone.",
    "dimension_set": "varchar - Dimensions of the cell, joined by commas; 'all' is the total.",
    "dimension_1": "varchar - Value of the set's first dimension; empty without one, 'unknown' when the line has none.",
    "dimension_2": "varchar - Value of the set's second dimension; empty without one.",
    "dimension_3": "varchar - Value of the set's third dimension; empty without one.",
    "dimension_4": "varchar - Value of the set's fourth dimension; empty without one.",
    "numerator": "decimal(38,6) - Numerator of a ratio, else the value itself.",
    "denominator": "decimal(38,6) - Denominator of a ratio; null for a KPI that is none.",
    "is_complete": "boolean - The period is over and every delivery the KPI needs was there.",
}
CELL_GRAIN = ["kpi_id", "period_start", *CELL]

# How a partial result of a cell is put together for a set of cells.
FOLDS: dict[type[exp.Expr], str] = {
    exp.Sum: "coalesce(sum({0}), 0)",
    exp.Count: "coalesce(sum({0}), 0)",
    exp.LogicalAnd: "bool_and({0})",
    exp.LogicalOr: "bool_or({0})",
}


@dataclass
class Atoms:
    """The distinct aggregates of a source, each computed once per cell whatever the number of KPIs that use it."""

    names: dict[str, str] = field(default_factory=dict)
    folds: dict[str, str] = field(default_factory=dict)

    def rewritten(self, expression: str, condition: str | None = None) -> str:
        """The expression over atoms: each of its aggregates, restricted by a condition, replaced by a column."""
        tree = sqlglot.parse_one(expression, dialect="duckdb")
        return tree.transform(lambda node: self._column(node, condition)).sql(dialect="duckdb")

    def _column(self, node: exp.Expr, condition: str | None) -> exp.Expr:
        if not isinstance(node, exp.Filter | exp.AggFunc):
            return node
        aggregate = node.this if isinstance(node, exp.Filter) else node
        own = node.expression.this.sql(dialect="duckdb") if isinstance(node, exp.Filter) else None
        rows = _all_of(condition, own)
        sql = aggregate.sql(dialect="duckdb").lower() + (f" filter (where {rows})" if rows else "")
        if isinstance(aggregate, exp.Sum):
            sql = f"cast({sql} as decimal(38, 6))"  # the sum of a hugeint would be inexact
        name = self.names.setdefault(sql, f"atom_{len(self.names) + 1}")
        self.folds[name] = FOLDS[type(aggregate)].format(name)
        return exp.column(name)


def measured_name(source_name: str, period: PeriodType) -> str:
    return f"kpi.measured_{period}_{source_name.replace('.', '_')}"


def measured_table(registry: Registry, source_name: str) -> tuple[str, dict[str, object], str]:
    """Name, header and query of the values that one source gives."""
    source = registry.sources[source_name]
    header: dict[str, object] = {
        "description": f"Values of the KPIs measured from {source_name}, by period and cell of each dimension set.",
        "grain": CELL_GRAIN,
        "columns": CELL_COLUMNS,
        "refresh": source.period_type,
        "partition": "period_start",
        "keep": KEEP[source.period_type],
    }
    return measured_name(source_name, source.period_type), header, measured_sql(registry, source_name)


def measures_of(registry: Registry, source_name: str) -> list[tuple[Kpi, Measured]]:
    period = registry.sources[source_name].period_type
    found = [(kpi, kpi.measured(period)) for kpi in registry.kpis.values()]
    return [(kpi, measure) for kpi, measure in found if measure and measure.source == source_name]


def measured_sql(registry: Registry, source_name: str) -> str:
    source = registry.sources[source_name]
    measures = measures_of(registry, source_name)
    sets = [each for each in registry.dimension_sets if set(each) <= source.dimensions.keys()]
    atoms = Atoms()
    numerators, denominators = [], []
    for kpi, measure in measures:
        condition = _all_of(registry.populations[kpi.population].predicate, measure.filter)
        numerators.append((kpi.id, atoms.rewritten(measure.numerator, condition)))
        if measure.denominator is not None:
            denominators.append((kpi.id, atoms.rewritten(measure.denominator, condition)))
    keys = {name: f"coalesce(cast({column} as varchar), 'unknown')" for name, column in source.dimensions.items()}
    conditions = {"is_closed": atoms.rewritten(source.closed)}
    conditions |= {f"has_{name}": atoms.rewritten(text) for name, text in source.complete.items()}
    return f"""with

cell as (
    select
        {source.date} as period_start,
        {_lines(f"{key} as {name}" for name, key in keys.items())},
        {_lines(f"{sql} as {name}" for sql, name in atoms.names.items())}
    from {source_name}
    group by {", ".join([source.date, *keys.values()])}
),

period as (
    select
        period_start,
        {_lines(f"{_folded(text, atoms)} as {name}" for name, text in conditions.items())}
    from cell
    group by period_start
),

cube as (
    select
        period_start,
        {_set_name(sets)} as dimension_set,
        {_lines(f"{_dimension(sets, n)} as dimension_{n + 1}" for n in range(4))},
        {_lines(f"{fold} as {name}" for name, fold in atoms.folds.items())}
    from cell
    group by grouping sets ({", ".join(f"({', '.join(['period_start', *each])})" for each in sets)})
),

entry as (
    select kpi_id
    from (values {", ".join(f"('{kpi.id}')" for kpi, _ in measures)}) as entries (kpi_id)
)

select
    entry.kpi_id,
    cube.period_start,
    {_lines((f"cube.{name}" for name in CELL), indent=4)},
    {_choice(numerators)} as numerator,
    {_choice(denominators)} as denominator,
    {_completeness(measures)} as is_complete
from cube
inner join period on cube.period_start = period.period_start
cross join entry
{_narrower_sets(registry, measures, sets)}"""


def _lines(parts: Iterable[str], indent: int = 8) -> str:
    return (",\n" + " " * indent).join(parts)


def _folded(text: str, atoms: Atoms) -> str:
    tree = sqlglot.parse_one(text, dialect="duckdb")

    def fold(node: exp.Expr) -> exp.Expr:
        known = isinstance(node, exp.Column) and node.name in atoms.folds
        return sqlglot.parse_one(atoms.folds[node.name], dialect="duckdb") if known else node

    return tree.transform(fold).sql(dialect="duckdb")


def set_name(dimensions: list[str]) -> str:
    return ",".join(dimensions) or "all"


def _set_name(sets: list[list[str]]) -> str:
    """The name of the grouping set a row belongs to; larger sets are asked first."""
    larger_first = sorted((each for each in sets if each), key=len, reverse=True)
    whens = [f"when {_is_grouped_by(each)} then '{set_name(each)}'" for each in larger_first]
    return f"case {' '.join(whens)} else 'all' end" if whens else "'all'"


def _dimension(sets: list[list[str]], n: int) -> str:
    larger_first = sorted((each for each in sets if len(each) > n), key=len, reverse=True)
    whens = [f"when {_is_grouped_by(each)} then {each[n]}" for each in larger_first]
    return f"case {' '.join(whens)} else '' end" if whens else "''"


def _is_grouped_by(dimensions: list[str]) -> str:
    return " and ".join(f"grouping({name}) = 0" for name in dimensions)


def _all_of(*conditions: str | None) -> str | None:
    return " and ".join(f"({each})" for each in conditions if each and each != "true") or None


def _choice(expressions: list[tuple[str, str]]) -> str:
    if not expressions:
        return "cast(null as decimal(38, 6))"
    whens = "\n        ".join(f"when '{kpi_id}' then cast({sql} as decimal(38, 6))" for kpi_id, sql in expressions)
    return f"case entry.kpi_id\n        {whens}\n    end"


def _completeness(measures: list[tuple[Kpi, Measured]]) -> str:
    needs: dict[tuple[str, ...], list[str]] = {}
    for kpi, measure in measures:
        if measure.needs:
            needs.setdefault(tuple(measure.needs), []).append(kpi.id)
    parts = ["coalesce(period.is_closed, false)"]
    for names, ids in needs.items():
        listed = ", ".join(f"'{each}'" for each in ids)
        holds = " and ".join(f"coalesce(period.has_{name}, false)" for name in names)
        parts.append(f"(entry.kpi_id not in ({listed}) or ({holds}))")
    return "\n        and ".join(parts)


def _narrower_sets(registry: Registry, measures: list[tuple[Kpi, Measured]], sets: list[list[str]]) -> str:
    """Where a KPI is kept for fewer dimension sets than its source offers."""
    rules = []
    for kpi, _ in measures:
        kept = registry.sets_of(kpi)
        if len(kept) < len(sets):
            listed = ", ".join(f"'{set_name(each)}'" for each in kept)
            rules.append(f"(entry.kpi_id <> '{kpi.id}' or cube.dimension_set in ({listed}))")
    return f"where {' and '.join(rules)}" if rules else ""
