/*
description: How many new lines each outlet activated against its past and against its city, by month.
grain: [month_start, outlet_id]
public: true
columns:
  month_start: date - First day of the month after the activations.
  outlet_id: varchar - Outlet that activated lines in the month before.
  city_area_id: varchar - City of the outlet as listed now; null when unknown, which counts as one city.
  new_lines: integer - Lines that it activated in the month before.
  past_lines: integer - Lines that it activated in the months before that; null without any.
  city_new_lines: integer - Lines that outlets of the city activated in the month before.
  city_past_lines: integer - Lines that they activated in the months before that; null without any.
  past_months: integer - Months before, as many as the threshold and as history has; the divisor of past lines.
  growth_ratio: decimal(18,4) - New lines over past lines, divided by the same of the city; null without a past.
checks:
  - past_months >= 0
*/
with

cohort as (
    select
        new_line.month_start,
        new_line.outlet_id,
        coalesce(outlet.city_area_id, 'unknown') as city_area_id,
        count(*) as new_lines
    from mart_channel.new_line_month as new_line
    left join mart_channel.outlet as outlet on new_line.outlet_id = outlet.outlet_id
    group by new_line.month_start, new_line.outlet_id, coalesce(outlet.city_area_id, 'unknown')
),

city as (
    select month_start, city_area_id, sum(new_lines) as new_lines
    from cohort
    group by month_start, city_area_id
),

outlet_past as (
    select now.month_start, now.outlet_id, sum(past.new_lines) as past_lines
    from cohort as now
    cross join mart_channel.threshold as threshold
    inner join cohort as past
        on
            now.outlet_id = past.outlet_id
            and pf_month_diff(past.month_start, now.month_start) between 1 and threshold.growth_months
    group by now.month_start, now.outlet_id
),

city_past as (
    select now.month_start, now.city_area_id, sum(past.new_lines) as past_lines
    from city as now
    cross join mart_channel.threshold as threshold
    inner join city as past
        on
            now.city_area_id = past.city_area_id
            and pf_month_diff(past.month_start, now.month_start) between 1 and threshold.growth_months
    group by now.month_start, now.city_area_id
),

history as (
    select min(month_start) as first_month from cohort
)

select
    cohort.month_start,
    cohort.outlet_id,
    nullif(cohort.city_area_id, 'unknown') as city_area_id,
    cohort.new_lines,
    outlet_past.past_lines,
    city.new_lines as city_new_lines,
    city_past.past_lines as city_past_lines,
    least(threshold.growth_months, pf_month_diff(history.first_month, cohort.month_start)) as past_months,
    round(pf_div(cohort.new_lines * city_past.past_lines, outlet_past.past_lines * city.new_lines), 4) as growth_ratio
from cohort
cross join mart_channel.threshold as threshold
cross join history
inner join city on cohort.month_start = city.month_start and cohort.city_area_id = city.city_area_id
left join outlet_past on cohort.month_start = outlet_past.month_start and cohort.outlet_id = outlet_past.outlet_id
left join city_past on cohort.month_start = city_past.month_start and cohort.city_area_id = city_past.city_area_id
