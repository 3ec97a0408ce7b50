/*
description: Cell in which each line spends its nights and its office hours, by month, with the sales grid of its home.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: false
optional: {stg_network.cell: cells are in no sales grid}
reads:
  core.dim_cell: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  home_cell_id: integer - Cell used on most nights (19:00 to 07:00 of a day); of equals that of more uses at night, then the lowest; null without.
  home_nights: integer - Days on which the line was used at night there; 0 without a home.
  nights: integer - Days on which it was used at night in any cell.
  home_grid_id: varchar - Sales grid of that cell on the last day of the month; null when unknown.
  home_area_id: varchar - Area of that cell, likewise.
  work_cell_id: integer - Cell used on most days from Monday to Friday between 09:00 and 17:00; of equals that of more such uses, then the lowest.
  work_days: integer - Days on which the line was used there in those hours; 0 without such a cell.
checks:
  - home_nights <= nights
  - (home_cell_id is null) = (home_nights = 0) and (work_cell_id is null) = (work_days = 0)
*/
with

placed as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        cell_id,
        day,
        sum(night_events) as night_events,
        sum(work_events) as work_events
    from core.place_day
    where subscription_key <> -1 and cell_id <> -1 and night_events + work_events > 0
    group by month_start, subscription_key, cell_id, day
),

cell as (
    select
        month_start,
        subscription_key,
        cell_id,
        count(*) filter (where night_events > 0) as nights,
        sum(night_events) as night_events,
        count(*) filter (where work_events > 0) as work_days,
        sum(work_events) as work_events
    from placed
    group by month_start, subscription_key, cell_id
),

chosen as (
    select
        month_start,
        subscription_key,
        max_by(cell_id, (nights, night_events, -cell_id)) filter (where nights > 0) as home_cell_id,
        max(nights) as home_nights,
        max_by(cell_id, (work_days, work_events, -cell_id)) filter (where work_days > 0) as work_cell_id,
        max(work_days) as work_days
    from cell
    group by month_start, subscription_key
),

night as (
    select
        month_start,
        subscription_key,
        count(distinct day) as nights
    from placed
    where night_events > 0
    group by month_start, subscription_key
)

select
    chosen.month_start,
    chosen.subscription_key,
    chosen.home_cell_id,
    chosen.home_nights,
    coalesce(night.nights, 0) as nights,
    home.grid_id as home_grid_id,
    home.area_id as home_area_id,
    chosen.work_cell_id,
    chosen.work_days
from chosen
left join night on chosen.month_start = night.month_start and chosen.subscription_key = night.subscription_key
left join core.dim_cell as home
    on
        chosen.home_cell_id = home.cell_id
        and last_day(chosen.month_start) >= home.valid_from
        and last_day(chosen.month_start) < coalesce(home.valid_to, date '9999-12-31')
