/*
description: Half-hours in which a line called or wrote from a cell, by day; a half-hour counts for one cell only.
grain: [day, subscription_key, cell_id, is_night]
refresh: day
partition: day
keep: 14 months
scope: subscription_key
columns:
  day: date - Business day.
  subscription_key: bigint - Subscription; lines that nobody is known to hold are left out.
  cell_id: integer - Cell; calls and messages whose records name none are left out.
  is_weekend: boolean - On a Saturday or Sunday.
  is_night: boolean - From 19:00 to 07:00 on the operator's clock; as in bandicoot, 07:00:00 sharp is still night.
  half_hours: integer - Half-hours in which most calls and messages began in it; of equally many, the cell used first counts, then the lowest.
checks:
  - half_hours between 1 and 48
*/
with

used as (
    select
        day,
        subscription_key,
        is_weekend,
        is_night,
        cast(floor(begun_s / 1800) as bigint) as half_hour,
        cell_id,
        count(*) as events,
        min(begun_s) as first_s
    from mart_behaviour.interaction
    where subscription_key <> -1 and cell_id is not null
    group by day, subscription_key, is_weekend, is_night, half_hour, cell_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by day, subscription_key, half_hour, is_night order by events desc, first_s asc, cell_id asc
        ) as place
    from used
)

select
    day,
    subscription_key,
    cell_id,
    bool_or(is_weekend) as is_weekend,
    is_night,
    count(*) as half_hours
from ranked
where place = 1
group by day, subscription_key, cell_id, is_night
