/*
description: The radio cell in which each number is used in working hours of a month, where one prevails.
grain: [month_start, msisdn_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
scope: msisdn_key
reads:
  mart_enterprise.threshold: static
columns:
  month_start: date - First day of the month.
  msisdn_key: bigint - Number.
  subscription_key: bigint - Line that used this number in that cell, the newest of several; -1 when nobody held it.
  cell_id: integer - Cell with most events in working hours.
  work_events: integer - Events in working hours in all cells.
  cell_events: integer - Of these, those in that cell.
checks:
  - cell_events between 1 and work_events
*/
with

cell as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        msisdn_key,
        cell_id,
        sum(work_events) as cell_events,
        max(subscription_key) as subscription_key
    from core.place_day
    where work_events > 0
    group by cast(date_trunc('month', day) as date), msisdn_key, cell_id
),

ranked as (
    select
        *,
        sum(cell_events) over (partition by month_start, msisdn_key) as work_events,
        row_number() over (partition by month_start, msisdn_key order by cell_events desc, cell_id asc) as place
    from cell
)

select
    ranked.month_start,
    ranked.msisdn_key,
    ranked.subscription_key,
    ranked.cell_id,
    ranked.work_events,
    ranked.cell_events
from ranked
cross join mart_enterprise.threshold as threshold
where
    ranked.place = 1
    and ranked.cell_id <> -1
    and ranked.work_events >= threshold.work_events
    and ranked.cell_events >= threshold.work_cell_share * ranked.work_events
