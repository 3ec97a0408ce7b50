/*
description: Load of the contact centre by queue and month, half hours added up.
grain: [month_start, queue_name]
refresh: month
partition: month_start
keep: 60 months
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  queue_name: varchar - Queue.
  offered: bigint - Calls offered.
  answered: bigint - Calls answered.
  answered_20s: bigint - Calls answered within twenty seconds.
  abandoned: bigint - Calls given up by the caller.
  wait_s: bigint - Waiting time of all calls, seconds.
  handle_s: bigint - Handling time of all calls, seconds.
  staffed_s: bigint - Time that agents were logged in, seconds.
  days_told: integer - Distinct days of the month for which the centre delivered.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - days_told between 1 and 31
*/
with

interval_of as (
    select
        cast(date_trunc('month', interval_on) as date) as month_start,
        *
    from mart_service.queue_interval
)

select
    month_start,
    queue_name,
    sum(offered) as offered,
    sum(answered) as answered,
    sum(answered_20s) as answered_20s,
    sum(abandoned) as abandoned,
    sum(wait_s) as wait_s,
    sum(handle_s) as handle_s,
    sum(staffed_s) as staffed_s,
    count(distinct interval_on) as days_told,
    last_day(month_start) <= getvariable('as_of') as is_closed
from interval_of
group by month_start, queue_name
