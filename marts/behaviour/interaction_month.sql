/*
description: How many calls and messages a line had and how they follow each other, by month, kind and part of week and day.
grain: [month_start, subscription_key, interaction_type, week_part, day_part]
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
  interaction_type: varchar - call or text. Failed ones never count, those of withheld numbers do.
  week_part: varchar - all, weekday or weekend; parts without any have no row.
  day_part: varchar - all, day or night (19:00 to 07:00).
  interactions: integer - Calls or messages (bandicoot number_of_interactions).
  interactions_made: integer - Made or sent (number_of_interactions, direction out).
  interactions_received: integer - Received (number_of_interactions, direction in).
  night_interactions: integer - Begun at night.
  nocturnal_share: decimal(9,6) - Night over all, 0 to 1 (percent_nocturnal).
  gaps: integer - Times between one and the next within the part and month, one fewer than interactions.
  gaps_s: bigint - Sum of these times in seconds, from begin to begin.
  gap_mean_s: decimal(18,3) - Their mean (interevent_time, mean); null with a single interaction.
  gap_sd_s: decimal(18,3) - Their standard deviation over all of them (interevent_time, std); 0 for one gap, null without.
checks:
  - interactions = interactions_made + interactions_received
  - night_interactions <= interactions
  - gaps = interactions - 1
*/
with

event as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        is_call,
        is_weekend,
        is_night,
        is_made,
        begun_s,
        event_id
    from mart_behaviour.interaction
    where subscription_key <> -1
),

-- The time since the one before: among all, in the same part of the week, of the day, and of both.
follows as (
    select
        month_start,
        subscription_key,
        is_call,
        is_weekend,
        is_night,
        is_made,
        begun_s,
        begun_s - lag(begun_s) over (
            partition by subscription_key, is_call, month_start order by begun_s, event_id
        ) as gap_s,
        begun_s - lag(begun_s) over (
            partition by subscription_key, is_call, month_start, is_weekend order by begun_s, event_id
        ) as week_gap_s,
        begun_s - lag(begun_s) over (
            partition by subscription_key, is_call, month_start, is_night order by begun_s, event_id
        ) as day_gap_s,
        begun_s - lag(begun_s) over (
            partition by subscription_key, is_call, month_start, is_weekend, is_night order by begun_s, event_id
        ) as both_gap_s
    from event
),

time as (
    select
        month_start,
        subscription_key,
        is_call,
        is_weekend,
        is_night,
        count(*) as events,
        count(*) filter (where is_made) as events_made,
        min(begun_s) as first_s,
        max(begun_s) as last_s,
        sum(gap_s * gap_s) as squares,
        sum(week_gap_s * week_gap_s) as week_squares,
        sum(day_gap_s * day_gap_s) as day_squares,
        sum(both_gap_s * both_gap_s) as both_squares
    from follows
    group by month_start, subscription_key, is_call, is_weekend, is_night
),

-- Gaps add up to the time from the first to the last.
total as (
    select
        time.month_start,
        time.subscription_key,
        time.is_call,
        part.week_part,
        part.day_part,
        sum(time.events) as events,
        sum(time.events_made) as events_made,
        coalesce(sum(time.events) filter (where time.is_night), 0) as events_at_night,
        sum(time.events) - 1 as gaps,
        max(time.last_s) - min(time.first_s) as gaps_s,
        sum(
            case
                when part.week_part = 'all' and part.day_part = 'all' then time.squares
                when part.day_part = 'all' then time.week_squares
                when part.week_part = 'all' then time.day_squares
                else time.both_squares
            end
        ) as squares
    from time
    inner join mart_behaviour.part as part on time.is_weekend = part.is_weekend and time.is_night = part.is_night
    group by time.month_start, time.subscription_key, time.is_call, part.week_part, part.day_part
)

select
    month_start,
    subscription_key,
    case when is_call then 'call' else 'text' end as interaction_type,
    week_part,
    day_part,
    events as interactions,
    events_made as interactions_made,
    events - events_made as interactions_received,
    events_at_night as night_interactions,
    round(pf_div(events_at_night, events), 6) as nocturnal_share,
    gaps,
    gaps_s,
    round(pf_div(gaps_s, gaps), 3) as gap_mean_s,
    round(pf_div(sqrt(cast(gaps * squares - cast(gaps_s as hugeint) * gaps_s as double)), gaps), 3) as gap_sd_s
from total
