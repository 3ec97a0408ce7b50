/*
description: Days of the operator's calendar, in the operator's time zone.
grain: [day]
portable: no - converts the operator's wall clock with DuckDB's time zone function
columns:
  day: date - Calendar day.
  month_start: date - First day of its month.
  week_start: date - Monday of its week.
  day_of_month: integer - 1 to 31.
  days_in_month: integer - Days of its month, 28 to 31.
  is_weekend: boolean - Saturday or Sunday; working weekends included.
  is_holiday: boolean - Public holiday.
  holiday_name: varchar - Name of the holiday; null on other days.
  begins_at: timestamp - Midnight at which the day begins, UTC.
  peak_begins_at: timestamp - 08:00 on the operator's clock, UTC.
  peak_ends_at: timestamp - 20:00 on the operator's clock, UTC.
  night_ends_at: timestamp - 07:00 on the operator's clock, UTC.
  night_begins_at: timestamp - 19:00 on the operator's clock, UTC.
  work_begins_at: timestamp - 09:00 on the operator's clock, UTC.
  work_ends_at: timestamp - 17:00 on the operator's clock, UTC.
checks:
  - day_of_month between 1 and days_in_month
  - peak_begins_at < peak_ends_at
*/
with

listed as (
    select
        day,
        is_holiday,
        holiday_name,
        row_number() over (partition by day order by known_on desc, delivery_id desc, row_no desc) as place
    from stg_reference.calendar
    where superseded_on is null
)

select
    day,
    cast(date_trunc('month', day) as date) as month_start,
    cast(date_trunc('week', day) as date) as week_start,
    day(day) as day_of_month,
    day(last_day(day)) as days_in_month,
    pf_iso_dow(day) >= 6 as is_weekend,
    is_holiday,
    holiday_name,
    timezone('UTC', timezone(getvariable('time_zone'), cast(day as timestamp))) as begins_at,
    timezone('UTC', timezone(getvariable('time_zone'), day + interval 8 hours)) as peak_begins_at,
    timezone('UTC', timezone(getvariable('time_zone'), day + interval 20 hours)) as peak_ends_at,
    timezone('UTC', timezone(getvariable('time_zone'), day + interval 7 hours)) as night_ends_at,
    timezone('UTC', timezone(getvariable('time_zone'), day + interval 19 hours)) as night_begins_at,
    timezone('UTC', timezone(getvariable('time_zone'), day + interval 9 hours)) as work_begins_at,
    timezone('UTC', timezone(getvariable('time_zone'), day + interval 17 hours)) as work_ends_at
from listed
where place = 1
