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

-- The time since the one before in the same part of the time.
follows as (
    select
        event.month_start,
        event.subscription_key,
        event.is_call,
        part.part_no,
        event.is_night,
        event.is_made,
        event.begun_s,
        event.begun_s - lag(event.begun_s) over (
            partition by event.subscription_key, event.is_call, part.part_no, event.month_start
            order by event.begun_s, event.event_id
        ) as gap_s
    from event
    inner join mart_behaviour.part as part on event.is_weekend = part.is_weekend and event.is_night = part.is_night
),

-- Gaps add up to the time from the first to the last.
total as (
    select
        month_start,
        subscription_key,
        is_call,
        part_no,
        count(*) as events,
        count(*) filter (where is_made) as events_made,
        count(*) filter (where is_night) as events_at_night,
        count(*) - 1 as gaps,
        max(begun_s) - min(begun_s) as gaps_s,
        sum(gap_s * gap_s) as squares
    from follows
    group by month_start, subscription_key, is_call, part_no
),

named as (
    select distinct part_no, week_part, day_part
    from mart_behaviour.part
)

select
    total.month_start,
    total.subscription_key,
    case when total.is_call then 'call' else 'text' end as interaction_type,
    named.week_part,
    named.day_part,
    total.events as interactions,
    total.events_made as interactions_made,
    total.events - total.events_made as interactions_received,
    total.events_at_night as night_interactions,
    round(pf_div(total.events_at_night, total.events), 6) as nocturnal_share,
    total.gaps,
    total.gaps_s,
    round(pf_div(total.gaps_s, total.gaps), 3) as gap_mean_s,
    round(
        pf_div(
            sqrt(cast(total.gaps * total.squares - cast(total.gaps_s as hugeint) * total.gaps_s as double)), total.gaps
        ), 3
    ) as gap_sd_s
from total
inner join named on total.part_no = named.part_no
