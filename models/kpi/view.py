"""What people read: definitions and populations as tables, and the views that divide, compare and rank values."""

from typing import Any

from models.kpi.registry import Kpi, Registry

KpiTable = tuple[str, dict[str, Any], str]
CELL_KEY = ("kpi_id", "period_type", "dimension_set", "dimension_1", "dimension_2", "dimension_3", "dimension_4")

DEFINITION_COLUMNS = {
    "kpi_id": "varchar - KPI as named in the registry.",
    "version": "integer - Version of the definition.",
    "kpi_number": "integer - Row of the KPI dictionary; null for a building block.",
    "domain": "varchar - Family of the KPI: base, revenue, usage or churn.",
    "name_en": "varchar - English name.",
    "name_zh": "varchar - Chinese name.",
    "description": "varchar - What it says, and how not to read it.",
    "is_operations": "boolean - Belongs to the board of operations.",
    "is_analysis": "boolean - Belongs to the board of analysis.",
    "is_company": "boolean - Belongs to the board of the company.",
    "population": "varchar - Who is counted.",
    "unit": "varchar - Unit of the value; a share runs from 0 to 1.",
    "additivity": "varchar - additive, semi_additive (never over time), ratio or distinct.",
    "to_date_type": "varchar - How days become month to date: sum, quotient (of sums), last or none.",
    "direction": "varchar - 'up' when more is better.",
    "lower_bound": "double - Least plausible value; null without one.",
    "upper_bound": "double - Greatest plausible value; null without one.",
    "formula": "varchar - Numerator and denominator as measured, by period type.",
    "owner": "varchar - Department that owns the definition.",
    "valid_from": "date - First day the version is valid for.",
    "approved_by": "varchar - Body that approved it.",
    "source": "varchar - Where the definition comes from.",
}


def to_date_type(kpi: Kpi) -> str:
    """A stock keeps its last value, distinct counts cannot be added, a quotient needs parts that add up over time."""
    match kpi.additivity:
        case "additive":
            return "sum"
        case "semi_additive":
            return "last"
        case "ratio" if kpi.over_time == "sum":
            return "quotient"
        case _:
            return "none"


def formula(kpi: Kpi) -> str:
    """How the KPI is measured, in one line per period type."""
    told = []
    for period in kpi.period_types:
        fields = {key: value for key, value in getattr(kpi, period).model_dump().items() if value}
        parts = (f"{key} {value if isinstance(value, str) else ', '.join(value)}" for key, value in fields.items())
        told.append(f"{period}: {'; '.join(parts)}")
    return "\n".join(told)


def definition(known: Registry) -> KpiTable:
    """kpi.definition: the registry as a table."""
    rows = [
        [
            kpi.id, kpi.version, kpi.number, kpi.domain, kpi.name.en, kpi.name.zh, kpi.description,
            *(layer in kpi.layers for layer in ("operations", "analysis", "company")),
            kpi.population, kpi.unit, kpi.additivity, to_date_type(kpi), kpi.direction, *kpi.bounds, formula(kpi),
            kpi.owner, kpi.valid_from.isoformat(), kpi.approved_by, kpi.source,
        ]
        for kpi in known.kpis.values()
    ]  # fmt: skip
    header = {
        "description": "What every KPI means, who owns it and how it may be added up.",
        "grain": ["kpi_id"],
        "columns": DEFINITION_COLUMNS,
        "public": True,
    }
    return "kpi.definition", header, literal_rows(DEFINITION_COLUMNS, rows)


def population(known: Registry) -> KpiTable:
    """kpi.population: who is counted, by version."""
    columns = {
        "population": "varchar - Name used by the KPIs.",
        "version": "integer - Version of the predicate.",
        "predicate": "varchar - SQL over the attributes of a line.",
        "description": "varchar - Who is counted and who is not.",
        "valid_from": "date - First day the version is valid for.",
    }
    rows = [
        [name, each.version, each.predicate, each.description, each.valid_from.isoformat()]
        for name, each in known.populations.items()
    ]
    header = {"description": "Who is counted by a KPI.", "grain": ["population"], "columns": columns, "public": True}
    return "kpi.population", header, literal_rows(columns, rows)


def literal_rows(columns: dict[str, str], rows: list[list[Any]]) -> str:
    """A SELECT of literal rows, each column with its documented type."""
    values = ",\n    ".join(f"({', '.join(map(literal, row))})" for row in rows)
    casts = ",\n    ".join(f"cast({name} as {text.split(' - ')[0]}) as {name}" for name, text in columns.items())
    return f"select\n    {casts}\nfrom (values\n    {values}\n) as rows ({', '.join(columns)})"


def literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.strip().replace("'", "''") + "'"
    return str(value).lower()


def value_view(columns: dict[str, str]) -> KpiTable:
    """kpi.value: days and months as one relation."""
    header = {
        "description": "Numerator and denominator of every KPI by period, dimension set and cell.",
        "grain": ["kpi_id", "period_type", "period_start", *CELL_KEY[2:]],
        "columns": columns,
        "refresh": "view",
        "partition": "period_start",
        "public": True,
    }
    listed = ", ".join(columns)
    return "kpi.value", header, f"select {listed} from kpi.value_day\nunion all\nselect {listed} from kpi.value_month"


BOARD_COLUMNS = {
    "kpi_id": "varchar - KPI as named in the registry.",
    "kpi_number": "integer - Row of the KPI dictionary; null for a building block.",
    "domain": "varchar - Family of the KPI: base, revenue, usage or churn.",
    "name_en": "varchar - English name.",
    "name_zh": "varchar - Chinese name.",
    "is_operations": "boolean - Belongs to the board of operations.",
    "is_analysis": "boolean - Belongs to the board of analysis.",
    "is_company": "boolean - Belongs to the board of the company.",
    "period_type": "varchar - 'day' or 'month'.",
    "period_start": "date - First day of the period.",
    "dimension_set": "varchar - Dimensions of the cell, joined by commas; 'all' is the total.",
    "dimension_1": "varchar - Value of the set's first dimension; empty without one.",
    "dimension_2": "varchar - Value of the set's second dimension; empty without one.",
    "dimension_3": "varchar - Value of the set's third dimension; empty without one.",
    "dimension_4": "varchar - Value of the set's fourth dimension; empty without one.",
    "value": "double - Numerator by denominator; null when the denominator is zero.",
    "unit": "varchar - Unit of the value; a share runs from 0 to 1.",
    "direction": "varchar - 'up' when more is better.",
    "is_complete": "boolean - The period is over and every delivery the KPI needs was there.",
    "is_plausible": "boolean - The value lies within the bounds of its definition; null without a value.",
}
QUOTIENT = """case
            when value.denominator is null then cast(value.numerator as double)
            else cast(value.numerator as double) / cast(nullif(value.denominator, 0) as double)
        end"""


def board() -> KpiTable:
    """kpi.board: the quotient with names, unit and layers."""
    header = {
        "description": "Value of every KPI with its name, unit and management layers.",
        "grain": ["kpi_id", "period_type", "period_start", *CELL_KEY[2:]],
        "columns": BOARD_COLUMNS,
        "refresh": "view",
        "partition": "period_start",
        "public": True,
    }
    own = ("value", "is_plausible")
    of_value = (*CELL_KEY, "period_start", "is_complete")
    columns = ",\n        ".join(
        f"{'value' if name in of_value else 'definition'}.{name}" for name in BOARD_COLUMNS if name not in own
    )
    listed = ",\n    ".join(name for name in BOARD_COLUMNS if name != "is_plausible")
    return (
        "kpi.board",
        header,
        f"""with

divided as (
    select
        {columns},
        definition.lower_bound,
        definition.upper_bound,
        {QUOTIENT} as value
    from kpi.value as value
    inner join kpi.definition as definition on value.kpi_id = definition.kpi_id
)

select
    {listed},
    value between coalesce(lower_bound, value) and coalesce(upper_bound, value) as is_plausible
from divided""",
    )


COMPARISON_COLUMNS = {
    **{name: BOARD_COLUMNS[name] for name in ("kpi_id", "period_type", "period_start", *CELL_KEY[2:], "value")},
    "is_complete": BOARD_COLUMNS["is_complete"],
    "previous_value": "double - Value of the day or month before.",
    "previous_change": "double - Value less that of the day or month before.",
    "previous_change_share": "double - Change against the day or month before, as a share of its absolute value.",
    "is_comparable": "boolean - This period and the one before are both complete.",
    "last_month_value": "double - Days: value of the same day last month, its last day when shorter. Months: null.",
    "last_month_change_share": "double - Change against the same day last month, as a share.",
    "year_ago_value": "double - Value of the same period a year ago.",
    "year_ago_change_share": "double - Change against a year ago, as a share.",
    "to_date_value": "double - Days: month to date. Months: year to date. Null where the definition forbids adding up.",
    "total_share": "double - Part of the cell in the total; null for ratios and for the total itself.",
    "best_rank": "integer - Rank among the cells of the dimension set, 1 the best by direction; null for the total.",
}
# Comparator -> the period it looks at, joined by date: a missing period gives null, not its neighbour.
COMPARED = {
    "previous": "case valued.period_type when 'day' then valued.period_start - interval 1 day "
    "else valued.period_start - interval 1 month end",
    "last_month": "case valued.period_type when 'day' then valued.period_start - interval 1 month end",
    "year_ago": "valued.period_start - interval 1 year",
}


def comparison() -> KpiTable:
    """kpi.comparison: every value against earlier periods, to date, its part in the total and its rank."""
    header = {
        "description": "Every KPI value beside the period before, last month, last year, to date, total and rank.",
        "grain": ["kpi_id", "period_type", "period_start", *CELL_KEY[2:]],
        "columns": COMPARISON_COLUMNS,
        "refresh": "view",
        "partition": "period_start",
        "public": True,
    }
    listed = ",\n    ".join(_comparison_column(name) for name in COMPARISON_COLUMNS)
    joins = "\n".join(_join(name, period) for name, period in COMPARED.items())
    cell = ", ".join(f"value.{name}" for name in CELL_KEY)
    window = f"""partition by {cell},
            date_trunc(case value.period_type when 'day' then 'month' else 'year' end, value.period_start)
            order by value.period_start"""
    return (
        "kpi.comparison",
        header,
        f"""with

valued as (
    select
        {cell},
        value.period_start,
        value.is_complete,
        definition.additivity,
        definition.direction,
        {QUOTIENT} as value,
        case definition.to_date_type
            when 'sum' then cast(sum(value.numerator) over ({window}) as double)
            when 'quotient' then cast(sum(value.numerator) over ({window}) as double)
                / cast(nullif(sum(value.denominator) over ({window}), 0) as double)
            when 'last' then cast(value.numerator as double)
        end as to_date_value
    from kpi.value as value
    inner join kpi.definition as definition on value.kpi_id = definition.kpi_id
)

select
    {listed}
from valued
{joins}
left join valued as total
    on
        valued.kpi_id = total.kpi_id
        and valued.period_type = total.period_type
        and valued.period_start = total.period_start
        and total.dimension_set = 'all'
        and valued.dimension_set <> 'all'
        and valued.additivity <> 'ratio'""",
    )


def _comparison_column(name: str) -> str:
    """SQL of one column of kpi.comparison."""
    compared, _, kind = name.rpartition("_change_share")
    if compared in COMPARED and not kind:
        return f"(valued.value - {compared}.value) / nullif(abs({compared}.value), 0) as {name}"
    if name.removesuffix("_value") in COMPARED:
        return f"{name.removesuffix('_value')}.value as {name}"
    own = {
        "previous_change": "valued.value - previous.value",
        "is_comparable": "valued.is_complete and coalesce(previous.is_complete, false)",
        "total_share": "valued.value / nullif(total.value, 0)",
        "best_rank": """case
        when valued.dimension_set <> 'all' and valued.value is not null then rank() over (
            partition by valued.kpi_id, valued.period_type, valued.period_start, valued.dimension_set
            order by case valued.direction when 'up' then -valued.value else valued.value end nulls last
        )
    end""",
    }
    return f"{own[name]} as {name}" if name in own else f"valued.{name}"


def _join(name: str, period: str) -> str:
    cell = "\n        and ".join(f"valued.{key} = {name}.{key}" for key in CELL_KEY)
    date = f"{name}.period_start = cast({period} as date)"
    return f"left join valued as {name}\n    on\n        {cell}\n        and {date}"
