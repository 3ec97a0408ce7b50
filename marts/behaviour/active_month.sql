/*
description: Days on which a line called or wrote, and how often, by month and part of week and day.
grain: [month_start, subscription_key, week_part, day_part]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
reads:
  mart_behaviour.part: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  week_part: varchar - all, weekday or weekend; parts without any call or message have no row.
  day_part: varchar - all, day or night (19:00 to 07:00).
  active_days: integer - Days with a call or message in the part, made or received (bandicoot active_days, calls and texts).
  interactions: integer - Calls and messages (number_of_interactions).
  interactions_made: integer - Of these, made or sent.
checks:
  - active_days between 1 and 31 and active_days <= interactions
  - interactions_made <= interactions
*/
with

used as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        day,
        is_weekend,
        count(*) filter (where not is_night) as by_day,
        count(*) filter (where is_night) as by_night,
        count(*) filter (where is_made and not is_night) as made_by_day,
        count(*) filter (where is_made and is_night) as made_by_night
    from mart_behaviour.interaction
    where subscription_key <> -1
    group by cast(date_trunc('month', day) as date), subscription_key, day, is_weekend
),

part as (
    select
        week_part,
        day_part,
        is_weekend,
        bool_or(not is_night) as has_day,
        bool_or(is_night) as has_night
    from mart_behaviour.part
    group by week_part, day_part, is_weekend
),

counted as (
    select
        used.month_start,
        used.subscription_key,
        part.week_part,
        part.day_part,
        case when part.has_day then used.by_day else 0 end
        + case when part.has_night then used.by_night else 0 end as events,
        case when part.has_day then used.made_by_day else 0 end
        + case when part.has_night then used.made_by_night else 0 end as events_made
    from used
    inner join part on used.is_weekend = part.is_weekend
)

select
    month_start,
    subscription_key,
    week_part,
    day_part,
    count(*) as active_days,
    sum(events) as interactions,
    sum(events_made) as interactions_made
from counted
where events > 0
group by
    month_start,
    subscription_key,
    week_part,
    day_part
