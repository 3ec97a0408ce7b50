/*
description: Conversations by message of a line, who begins them and how fast it answers, by month and part of week and day.
grain: [month_start, subscription_key, week_part, day_part]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
reads:
  mart_behaviour.part: static
  mart_behaviour.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  week_part: varchar - all, weekday or weekend; parts without any message have no row.
  day_part: varchar - all, day or night (19:00 to 07:00).
  conversations: integer - Messages to and fro with one known party, each within an hour of what came before; a call ends them (bandicoot).
  conversations_begun: integer - Of these, those whose first message the line sent.
  initiated_share: decimal(9,6) - Begun over all, 0 to 1 (percent_initiated_conversations).
  conversations_received: integer - Of these, those whose first message the line received.
  conversations_answered: integer - Of the received ones, those in which the line sent a message.
  response_share: decimal(9,6) - Answered over received, 0 to 1 (response_rate_text); null when none was received.
  responses: integer - Messages sent right after a received one of the same conversation, at least a second later.
  response_delay_s: bigint - Sum of the seconds between the two.
  response_delay_mean_s: decimal(18,3) - Their mean (response_delay_text, mean); null without responses.
  response_delay_sd_s: decimal(18,3) - Their standard deviation over all of them (response_delay_text, std).
  response_delay_median_s: decimal(18,1) - Their median (response_delay_text, median).
checks:
  - conversations = conversations_begun + conversations_received and conversations > 0
  - conversations_answered <= conversations_received
*/
with

event as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        other_msisdn_key,
        is_call,
        is_made,
        case when is_made and not is_call then 1 else 0 end as sent,
        is_weekend,
        is_night,
        begun_s,
        event_id
    from mart_behaviour.interaction
    where subscription_key <> -1 and other_msisdn_key is not null
),

follows as (
    select
        *,
        lag(is_call) over pair as was_call,
        lag(is_made) over pair as was_made,
        lag(begun_s) over pair as was_begun_s,
        lag(is_weekend) over pair as was_weekend,
        lag(is_night) over pair as was_night,
        sum(sent) over (
            partition by subscription_key, other_msisdn_key, month_start order by begun_s, event_id
            rows between unbounded preceding and current row
        ) - sent as sent_before
    from event
    window pair as (partition by subscription_key, other_msisdn_key, month_start order by begun_s, event_id)
),

-- Within a part of the week or day nothing goes on over its edge: on the other side, the part before was hours ago.
text as (
    select
        follows.*,
        coalesce(not was_call and begun_s - was_begun_s < conversation_pause_s, false) as is_next,
        coalesce(not was_call and begun_s - was_begun_s < conversation_pause_s and was_weekend = is_weekend, false)
            as is_next_in_week,
        coalesce(not was_call and begun_s - was_begun_s < conversation_pause_s and was_night = is_night, false)
            as is_next_in_day
    from follows
    cross join mart_behaviour.threshold
    where not is_call
),

-- What was received since the last message sent, and the message that answered it.
answer as (
    select
        month_start,
        subscription_key,
        bool_or(is_weekend) filter (where is_made) as is_weekend,
        bool_or(is_night) filter (where is_made) as is_night,
        bool_or(is_made and is_next_in_week) as is_next_in_week,
        bool_or(is_made and is_next_in_day) as is_next_in_day,
        max(begun_s - was_begun_s) filter (where is_made) as delay_s,
        bool_or(not is_made and not is_next) as is_first,
        bool_or(not is_made and not is_next_in_week) as is_first_in_week,
        bool_or(not is_made and not is_next_in_day) as is_first_in_day,
        bool_or(not is_made and not (is_next_in_week and is_next_in_day)) as is_first_in_both
    from text
    group by month_start, subscription_key, other_msisdn_key, sent_before
    having bool_or(is_made and is_next and not was_made)
),

begun as (
    select
        text.month_start,
        text.subscription_key,
        part.week_part,
        part.day_part,
        count(*) as conversations,
        count(*) filter (where text.is_made) as conversations_begun
    from text
    inner join mart_behaviour.part as part on text.is_weekend = part.is_weekend and text.is_night = part.is_night
    where
        not text.is_next
        or (part.week_part <> 'all' and not text.is_next_in_week)
        or (part.day_part <> 'all' and not text.is_next_in_day)
    group by text.month_start, text.subscription_key, part.week_part, part.day_part
),

answered as (
    select
        answer.month_start,
        answer.subscription_key,
        part.week_part,
        part.day_part,
        count(*) filter (
            where case
                when part.week_part = 'all' and part.day_part = 'all' then answer.is_first
                when part.day_part = 'all' then answer.is_first_in_week
                when part.week_part = 'all' then answer.is_first_in_day
                else answer.is_first_in_both
            end
        ) as conversations_answered,
        count(*) filter (where answer.delay_s > 0) as responses,
        sum(answer.delay_s) as delay_s,
        sum(answer.delay_s * answer.delay_s) as squares,
        percentile_cont(0.5) within group (order by answer.delay_s) filter (where answer.delay_s > 0) as median_s
    from answer
    inner join mart_behaviour.part as part on answer.is_weekend = part.is_weekend and answer.is_night = part.is_night
    where
        (part.week_part = 'all' or answer.is_next_in_week)
        and (part.day_part = 'all' or answer.is_next_in_day)
    group by answer.month_start, answer.subscription_key, part.week_part, part.day_part
)

select
    begun.month_start,
    begun.subscription_key,
    begun.week_part,
    begun.day_part,
    begun.conversations,
    begun.conversations_begun,
    round(pf_div(begun.conversations_begun, begun.conversations), 6) as initiated_share,
    begun.conversations - begun.conversations_begun as conversations_received,
    coalesce(answered.conversations_answered, 0) as conversations_answered,
    round(
        pf_div(coalesce(answered.conversations_answered, 0), begun.conversations - begun.conversations_begun), 6
    ) as response_share,
    coalesce(answered.responses, 0) as responses,
    coalesce(answered.delay_s, 0) as response_delay_s,
    round(pf_div(answered.delay_s, answered.responses), 3) as response_delay_mean_s,
    round(
        pf_div(
            sqrt(cast(answered.responses * answered.squares - answered.delay_s * answered.delay_s as double)),
            answered.responses
        ), 3
    ) as response_delay_sd_s,
    round(answered.median_s, 1) as response_delay_median_s
from begun
left join answered
    on
        begun.month_start = answered.month_start
        and begun.subscription_key = answered.subscription_key
        and begun.week_part = answered.week_part
        and begun.day_part = answered.day_part
