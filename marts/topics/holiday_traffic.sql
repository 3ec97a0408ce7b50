/*
description: Traffic of each holiday against the ordinary days before it.
grain: [day, kpi_id]
public: true
requires: [kpi.value_day]
columns:
  day: date - Holiday in the operator's calendar.
  holiday_name: varchar - Name of the holiday.
  kpi_id: varchar - billed_minutes, data_volume_gb, active_subscribers or sms_volume, as in the registry.
  amount: decimal(38,6) - Value of the day.
  ordinary_amount: decimal(38,6) - Mean of the ordinary days within the two weeks before; no weekend, no holiday.
  ordinary_days: integer - How many those are.
  change_share: decimal(18,4) - Value over mean, less 1.
*/
with

value_of as (
    select
        value_day.period_start as day,
        value_day.kpi_id,
        value_day.numerator as amount,
        date.is_holiday,
        date.holiday_name,
        not date.is_holiday and not date.is_weekend as is_ordinary
    from kpi.value_day
    inner join core.dim_date as date on value_day.period_start = date.day
    where
        value_day.dimension_set = 'all'
        and value_day.is_complete
        and value_day.kpi_id in ('billed_minutes', 'data_volume_gb', 'active_subscribers', 'sms_volume')
),

compared as (
    select
        holiday.day,
        holiday.holiday_name,
        holiday.kpi_id,
        holiday.amount,
        count(*) as ordinary_days,
        sum(ordinary.amount) as ordinary_sum
    from value_of as holiday
    cross join mart_topics.threshold as threshold
    inner join value_of as ordinary
        on
            holiday.kpi_id = ordinary.kpi_id
            and ordinary.is_ordinary
            and holiday.day > ordinary.day
            and date_diff('day', ordinary.day, holiday.day) <= threshold.ordinary_days
    where holiday.is_holiday
    group by holiday.day, holiday.holiday_name, holiday.kpi_id, holiday.amount
)

select
    day,
    holiday_name,
    kpi_id,
    amount,
    round(pf_div(ordinary_sum, ordinary_days), 6) as ordinary_amount,
    ordinary_days,
    round(pf_div(amount * ordinary_days, ordinary_sum) - 1, 4) as change_share
from compared
