/*
description: Numbers won from and lost to each operator by month, area and plan, as the clearing house tells.
grain: [month_start, other_operator, area_id, plan_id]
refresh: month
partition: month_start
keep: 60 months
public: true
requires: [stg_mnp.port_event]
columns:
  month_start: date - First day of the month.
  other_operator: varchar - Operator that the numbers came from or went to; unknown when not told.
  area_id: varchar - Area of the customer; unknown when the line was not known.
  plan_id: varchar - Plan of the line; unknown when the line was not known.
  done_ins: integer - Numbers that came.
  done_outs: integer - Numbers that went.
  reversed_ins: integer - Arrivals taken back in the month, whenever they were.
  reversed_outs: integer - Departures taken back in the month, whenever they were.
  rejected_ins: integer - Requests to come that were refused.
  rejected_outs: integer - Requests to leave that were refused.
  won: integer - Arrivals less departures, those taken back not counted.
  enquired_outs: integer - Of the numbers that went, those for which somebody had enquired before.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - won = done_ins - reversed_ins - done_outs + reversed_outs
  - enquired_outs <= done_outs
*/
with

port as (
    select
        cast(date_trunc('month', ported_on) as date) as month_start,
        coalesce(other_operator, 'unknown') as other_operator,
        coalesce(area_id, 'unknown') as area_id,
        coalesce(plan_id, 'unknown') as plan_id,
        direction_type || ' ' || status_type as kind,
        enquired_on
    from mart_mobility.port
)

select
    month_start,
    other_operator,
    area_id,
    plan_id,
    count(*) filter (where kind = 'in done') as done_ins,
    count(*) filter (where kind = 'out done') as done_outs,
    count(*) filter (where kind = 'in reversed') as reversed_ins,
    count(*) filter (where kind = 'out reversed') as reversed_outs,
    count(*) filter (where kind = 'in rejected') as rejected_ins,
    count(*) filter (where kind = 'out rejected') as rejected_outs,
    count(*) filter (where kind in ('in done', 'out reversed'))
    - count(*) filter (where kind in ('in reversed', 'out done')) as won,
    count(*) filter (where kind = 'out done' and enquired_on is not null) as enquired_outs,
    last_day(month_start) <= getvariable('as_of') as is_closed
from port
group by month_start, other_operator, area_id, plan_id
