"""The KPI tables of the warehouse, generated from the registry: values by day and month, and identities."""

from typing import Any

from models.kpi.measure import CELL, CELL_COLUMNS, CELL_GRAIN, KEEP, measured_name, measured_table, measures_of
from models.kpi.registry import Composed, Kpi, PeriodType, Registry, Summed, registry
from models.kpi.view import board, comparison, definition, population, value_view

KpiTable = tuple[str, dict[str, Any], str]

VALUE_COLUMNS = {
    "kpi_id": CELL_COLUMNS["kpi_id"],
    "version": "integer - Version of the definition that gave the value.",
    "period_type": "varchar - 'day' or 'month'.",
    **{name: text for name, text in CELL_COLUMNS.items() if name != "kpi_id"},
}
CELL_LIST = ", ".join(CELL)


def tables() -> list[KpiTable]:
    """Name, header and query of every table and view of the schema `kpi`, as the engine takes them."""
    known = registry()
    found = [measured_table(known, name) for name in known.sources if measures_of(known, name)]
    found += [value_table(known, "day"), value_table(known, "month")]
    found += [identity_table(known, period) for period in ("day", "month") if identities(known, period)]
    return [*found, definition(known), population(known), value_view(VALUE_COLUMNS), board(), comparison()]


def value_table(known: Registry, period: PeriodType) -> KpiTable:
    """All values of one period type: measured, composed of two others, or summed over days."""
    header = {
        "description": f"Numerator and denominator of every KPI by {period}, dimension set and cell.",
        "grain": CELL_GRAIN,
        "columns": VALUE_COLUMNS,
        "refresh": period,
        "partition": "period_start",
        "keep": KEEP[period],
        "public": True,
    }
    entries = [kpi for kpi in known.kpis.values() if getattr(kpi, period) is not None]
    steps = [_entry(entries, period), *_days(period), _measured(known, period), _known(period), _composed()]
    parts = ["known", "composed"]
    if any(isinstance(getattr(kpi, period), Summed) for kpi in entries):
        steps.append(_summed())
        parts.append("summed")
    union = "\n    union all\n    ".join(f"select {_columns()} from {part}" for part in parts)
    steps.append(f"every_value as (\n    {union}\n)")
    return (
        f"kpi.value_{period}",
        header,
        "with\n\n"
        + ",\n\n".join(steps)
        + f"""

select
    entry.kpi_id,
    entry.version,
    '{period}' as period_type,
    every_value.period_start,
    {_prefixed("every_value", ",")},
    every_value.numerator,
    every_value.denominator,
    every_value.is_complete
from every_value
inner join entry on every_value.kpi_id = entry.kpi_id""",
    )


def identity_table(known: Registry, period: PeriodType) -> KpiTable:
    """Two KPIs that must agree in every cell, beside each other."""
    pairs = ", ".join(f"('{kpi.id}', '{kpi.equals}')" for kpi in identities(known, period))
    header = {
        "description": "KPIs that must give the same number by two ways of counting, cell by cell.",
        "grain": CELL_GRAIN,
        "columns": {
            **{name: text for name, text in CELL_COLUMNS.items() if name in CELL_GRAIN},
            "equals_kpi_id": "varchar - KPI that must give the same amount.",
            "amount": "decimal(38,6) - Amount of the KPI.",
            "equals_amount": "decimal(38,6) - Amount of the other one; zero when it has no such cell.",
        },
        "refresh": period,
        "partition": "period_start",
        "keep": KEEP[period],
        "checks": ["amount = equals_amount"],
        "public": True,
    }
    return (
        f"kpi.identity_{period}",
        header,
        f"""with

identity as (
    select kpi_id, equals_kpi_id
    from (values {pairs}) as pairs (kpi_id, equals_kpi_id)
)

select
    one.kpi_id,
    one.period_start,
    {_prefixed("one", ",")},
    identity.equals_kpi_id,
    one.numerator as amount,
    coalesce(other.numerator, 0) as equals_amount
from kpi.value_{period} as one
inner join identity on one.kpi_id = identity.kpi_id
left join kpi.value_{period} as other
    on
        other.kpi_id = identity.equals_kpi_id
        and {_same_cell("one", "other")}""",
    )


def identities(known: Registry, period: PeriodType) -> list[Kpi]:
    return [
        kpi for kpi in known.kpis.values()
        if kpi.equals and getattr(kpi, period) is not None and getattr(known.kpis[kpi.equals], period) is not None
    ]  # fmt: skip


def _entry(entries: list[Kpi], period: PeriodType) -> str:
    """The registry's part in a value: version, what it is composed of, which daily KPI must be complete."""
    rows = []
    for kpi in entries:
        how = getattr(kpi, period)
        measure = kpi.measured(period)
        composed = (how.numerator, how.denominator) if isinstance(how, Composed) else (None, None)
        own_days = kpi.id if kpi.day is not None else None
        days_of = measure.days_of or own_days if measure and period == "month" else None
        values = ", ".join("null" if text is None else f"'{text}'" for text in (*composed, days_of))
        rows.append(f"('{kpi.id}', {kpi.version}, {values})")
    listed = ",\n        ".join(rows)
    return f"""entry as (
    select kpi_id, version, numerator_kpi_id, denominator_kpi_id, days_of_kpi_id
    from (values
        {listed}
    ) as entries (kpi_id, version, numerator_kpi_id, denominator_kpi_id, days_of_kpi_id)
)"""


def _days(period: PeriodType) -> list[str]:
    """Months in which a daily KPI is complete on every day."""
    if period == "day":
        return []
    return ["""whole_month as (
    select
        kpi_id,
        cast(date_trunc('month', period_start) as date) as period_start,
        count(*) filter (where is_complete) = max(extract(day from last_day(period_start))) as is_complete
    from kpi.value_day
    where dimension_set = 'all'
    group by kpi_id, cast(date_trunc('month', period_start) as date)
)"""]  # fmt: skip


def _measured(known: Registry, period: PeriodType) -> str:
    sources = [name for name, source in known.sources.items() if source.period_type == period]
    names = [measured_name(name, period) for name in sources if measures_of(known, name)]
    selects = [f"select {_columns()} from {name}" for name in names]
    union = "\n    union all\n    ".join(selects)
    return f"measured as (\n    {union}\n)"


def _known(period: PeriodType) -> str:
    if period == "day":
        return f"known as (\n    select {_columns()} from measured\n)"
    return f"""known as (
    select
        measured.kpi_id,
        measured.period_start,
        {_prefixed("measured", ",")},
        measured.numerator,
        measured.denominator,
        measured.is_complete
        and (entry.days_of_kpi_id is null or coalesce(whole_month.is_complete, false)) as is_complete
    from measured
    inner join entry on measured.kpi_id = entry.kpi_id
    left join whole_month
        on
            entry.days_of_kpi_id = whole_month.kpi_id
            and measured.period_start = whole_month.period_start
)"""


def _composed() -> str:
    return f"""composed as (
    select
        entry.kpi_id,
        below.period_start,
        {_prefixed("below", ",")},
        coalesce(above.numerator, 0) as numerator,
        below.numerator as denominator,
        below.is_complete and coalesce(above.is_complete, false) as is_complete
    from entry
    inner join known as below on entry.denominator_kpi_id = below.kpi_id
    left join known as above
        on
            entry.numerator_kpi_id = above.kpi_id
            and {_same_cell("below", "above", indent=12)}
)"""


def _summed() -> str:
    return f"""summed as (
    select
        day_value.kpi_id,
        cast(date_trunc('month', day_value.period_start) as date) as period_start,
        {_prefixed("day_value", ",")},
        sum(day_value.numerator) as numerator,
        cast(null as decimal(38, 6)) as denominator,
        coalesce(bool_and(whole_month.is_complete), false) as is_complete
    from kpi.value_day as day_value
    inner join entry on day_value.kpi_id = entry.kpi_id
    left join whole_month
        on
            day_value.kpi_id = whole_month.kpi_id
            and cast(date_trunc('month', day_value.period_start) as date) = whole_month.period_start
    where entry.kpi_id not in (select known.kpi_id from known)
    group by day_value.kpi_id, cast(date_trunc('month', day_value.period_start) as date), {_prefixed("day_value", ",")}
)"""


def _columns() -> str:
    return f"kpi_id, period_start, {CELL_LIST}, numerator, denominator, is_complete"


def _prefixed(alias: str, separator: str) -> str:
    return f"{separator} ".join(f"{alias}.{name}" for name in CELL)


def _same_cell(one: str, other: str, indent: int = 8) -> str:
    gap = "\n" + " " * indent + "and "
    return gap.join(f"{one}.{name} = {other}.{name}" for name in ("period_start", *CELL))
