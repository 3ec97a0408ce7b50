/*
description: The workbook of enterprises that holds in a month, and the one before it; months without any are left out.
grain: [month_start]
refresh: month
partition: month_start
keep: 60 months
reads:
  stg_enterprise.enterprise: 62 days
columns:
  month_start: date - First day of the month.
  listed_on: date - Day of its newest workbook; where it has none, of the newest one of the 62 days before it.
  previous_listed_on: date - Day of the workbook before that, in the same span; null without one.
*/
with

workbook as (
    select distinct snapshot_on
    from stg_enterprise.enterprise
    where superseded_on is null
),

month as (
    select distinct cast(date_trunc('month', day) as date) as month_start
    from core.subscriber_day
    where day = least(last_day(day), getvariable('as_of'))
),

held as (
    select
        month.month_start,
        workbook.snapshot_on,
        row_number() over (partition by month.month_start order by workbook.snapshot_on desc) as age
    from month
    inner join workbook
        on
            workbook.snapshot_on <= last_day(month.month_start)
            and workbook.snapshot_on >= month.month_start - 62
)

select
    month_start,
    max(case when age = 1 then snapshot_on end) as listed_on,
    max(case when age = 2 then snapshot_on end) as previous_listed_on
from held
where age <= 2
group by month_start
