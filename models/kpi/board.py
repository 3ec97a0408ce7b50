"""The board of one management layer on one day: what a person reads first in the morning."""

from datetime import date

import duckdb
import polars as pl

from models.kpi.registry import Layer

BOARD = """
select
    definition.kpi_number as number,
    definition.name_en,
    definition.name_zh,
    compared.period_type as period,
    compared.period_start,
    compared.value,
    definition.unit,
    compared.previous_change_share,
    compared.to_date_value,
    compared.is_complete
from kpi.comparison as compared
inner join kpi.definition as definition on compared.kpi_id = definition.kpi_id
where
    compared.dimension_set = 'all'
    and {layer}
    and (
        (compared.period_type = 'day' and compared.period_start = $day)
        or (compared.period_type = 'month' and compared.period_start in ($this_month, $last_month))
    )
qualify row_number() over (
    partition by compared.kpi_id, compared.period_type order by compared.is_complete desc, compared.period_start desc
) = 1
order by
    compared.period_type,
    case definition.domain when 'base' then 1 when 'revenue' then 2 when 'usage' then 3 else 4 end,
    definition.kpi_number nulls last,
    compared.kpi_id
"""


def board(connection: duckdb.DuckDBPyConnection, layer: Layer, day: date) -> pl.DataFrame:
    """One row per KPI of the layer and period type, the day's and the month's.

    Of the open month and the one before, the newest complete one is shown; without a complete one, the newest with
    `is_complete` false. Reads the published file or the warehouse alike.
    """
    month = day.replace(day=1)
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    found = connection.execute(
        BOARD.format(layer=f"definition.is_{layer}"), {"day": day, "this_month": month, "last_month": before}
    )
    return found.pl()
