/*
description: How much each line was used up to T, of late and against its own past, as known when each day closed.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
frozen: true
open_month: false
public: true
reads: {churn.line_month: 92 days}
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  known_months: integer - Months before this one, of three, in which the line was in the network at the end.
  days_in_network: integer - Days of the month in the network.
  suspended_days: integer - Of these, days suspended.
  arrears_days: integer - Of these, days on which the account was overdue.
  plan_changes: integer - Of these, days with a change of plan.
  events_7: bigint - Events in the last 7 days.
  events_14: bigint - Events in the last 14 days.
  events_28: bigint - Events in the last 28 days.
  active_days_7: integer - Days with use of the last 7.
  active_days_14: integer - Days with use of the last 14.
  voice_s_7: bigint - Seconds talked in the last 7 days.
  voice_s_14: bigint - Seconds talked in the last 14 days.
  bytes_7: bigint - Bytes in the last 7 days.
  bytes_14: bigint - Bytes in the last 14 days.
  charge_14_amt: decimal(18,6) - Rated charges of the last 14 days.
  events_max_day: bigint - Most events on a day of the month.
  events_variation: decimal(18,4) - Standard deviation over mean of the events per day in the network; null without any.
  events_1: bigint - Events of the month before; null when the line was not there.
  events_2: bigint - Events two months before.
  events_3: bigint - Events three months before.
  voice_s_1: bigint - Seconds talked the month before.
  bytes_1: bigint - Bytes the month before.
  active_days_1: integer - Days with use the month before.
  events_mean: decimal(18,2) - Events a month, mean of up to three before.
  minutes_mean: decimal(18,2) - Minutes talked a month, mean of up to three before.
  data_mb_mean: decimal(18,2) - Megabytes a month, mean of up to three before.
  charge_mean_amt: decimal(18,4) - Rated charges a month, mean of up to three before.
  events_ratio: decimal(18,4) - Events per day in the network against the daily mean of the months before, at most 100.
  voice_ratio: decimal(18,4) - The same for seconds talked.
  bytes_ratio: decimal(18,4) - The same for bytes.
  charge_ratio: decimal(18,4) - The same for charges.
  events_7_ratio: decimal(18,4) - Events per day of the last 7 days against that mean.
  events_14_ratio: decimal(18,4) - The same of the last 14 days.
  voice_14_ratio: decimal(18,4) - The same for seconds talked.
  bytes_14_ratio: decimal(18,4) - The same for bytes.
  within_ratio: decimal(18,4) - Events per day of the last 14 days against those of the days of the month before them, at most 100.
  active_days_change: integer - Days with use less those of the month before.
  events_least: bigint - Fewest events of this month and the three before; null for a new line.
checks:
  - days_in_network between 1 and 31 and suspended_days <= days_in_network
  - events_7 <= events_14 and events_14 <= events_28
*/
with

used as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        count(*) as days_in_network,
        count(*) filter (where status_type = 'suspended') as suspended_days,
        count(*) filter (where arrears_amt > 0) as arrears_days,
        count(*) filter (where is_plan_change) as plan_changes,
        coalesce(sum(events) filter (where day > last_day(day) - 7), 0) as events_7,
        coalesce(sum(events) filter (where day > last_day(day) - 14), 0) as events_14,
        coalesce(sum(events) filter (where day > last_day(day) - 28), 0) as events_28,
        count(*) filter (where is_active and day > last_day(day) - 7) as active_days_7,
        count(*) filter (where is_active and day > last_day(day) - 14) as active_days_14,
        coalesce(sum(voice_s) filter (where day > last_day(day) - 7), 0) as voice_s_7,
        coalesce(sum(voice_s) filter (where day > last_day(day) - 14), 0) as voice_s_14,
        coalesce(sum(bytes) filter (where day > last_day(day) - 7), 0) as bytes_7,
        coalesce(sum(bytes) filter (where day > last_day(day) - 14), 0) as bytes_14,
        coalesce(sum(charge_amt) filter (where day > last_day(day) - 14), 0) as charge_14_amt,
        max(events) as events_max_day,
        sum(events) as events,
        sum(events * events) as events_square,
        count(*) filter (where day <= last_day(day) - 14) as early_days
    from core.subscriber_day
    where is_in_network and is_commercial
    group by month_start, subscription_key
),

-- Up to three months before, by a join: windows over ranges of months take longer.
before as (
    select
        used.month_start,
        used.subscription_key,
        pf_month_diff(line.month_start, used.month_start) as ago,
        line.events,
        line.voice_s,
        line.bytes,
        line.charge_amt,
        line.active_days,
        date_part('day', last_day(line.month_start)) as days
    from used
    inner join churn.line_month as line
        on
            used.subscription_key = line.subscription_key
            and used.month_start > line.month_start
            and used.month_start <= line.month_start + interval 3 month
),

past as (
    select
        month_start,
        subscription_key,
        count(*) as known_months,
        sum(events) as events_before,
        sum(voice_s) as voice_before,
        sum(bytes) as bytes_before,
        sum(charge_amt) as charge_before,
        min(events) as events_least,
        sum(days) as days_before,
        max(case when ago = 1 then events end) as events_1,
        max(case when ago = 2 then events end) as events_2,
        max(case when ago = 3 then events end) as events_3,
        max(case when ago = 1 then voice_s end) as voice_s_1,
        max(case when ago = 1 then bytes end) as bytes_1,
        max(case when ago = 1 then active_days end) as active_days_1
    from before
    group by month_start, subscription_key
)

select
    line.month_start,
    line.subscription_key,
    coalesce(past.known_months, 0) as known_months,
    used.days_in_network,
    used.suspended_days,
    used.arrears_days,
    used.plan_changes,
    used.events_7,
    used.events_14,
    used.events_28,
    used.active_days_7,
    used.active_days_14,
    used.voice_s_7,
    used.voice_s_14,
    used.bytes_7,
    used.bytes_14,
    used.charge_14_amt,
    used.events_max_day,
    round(
        pf_div(
            sqrt(greatest(cast(used.days_in_network * used.events_square - used.events * used.events as double), 0)),
            used.events
        ), 4
    ) as events_variation,
    past.events_1,
    past.events_2,
    past.events_3,
    past.voice_s_1,
    past.bytes_1,
    past.active_days_1,
    round(pf_div(past.events_before, past.known_months), 2) as events_mean,
    round(pf_div(past.voice_before, past.known_months * 60), 2) as minutes_mean,
    round(pf_div(past.bytes_before, past.known_months) / 1048576, 2) as data_mb_mean,
    round(pf_div(past.charge_before, past.known_months), 4) as charge_mean_amt,
    round(
        least(pf_div(line.events * past.days_before, used.days_in_network * past.events_before), 100), 4
    ) as events_ratio,
    round(
        least(pf_div(line.voice_s * past.days_before, used.days_in_network * past.voice_before), 100), 4
    ) as voice_ratio,
    round(
        least(pf_div(line.bytes, used.days_in_network) * pf_div(past.days_before, past.bytes_before), 100), 4
    ) as bytes_ratio,
    round(
        least(pf_div(line.charge_amt, used.days_in_network) * pf_div(past.days_before, past.charge_before), 100), 4
    ) as charge_ratio,
    round(least(pf_div(used.events_7 * past.days_before, 7 * past.events_before), 100), 4) as events_7_ratio,
    round(least(pf_div(used.events_14 * past.days_before, 14 * past.events_before), 100), 4) as events_14_ratio,
    round(least(pf_div(used.voice_s_14 * past.days_before, 14 * past.voice_before), 100), 4) as voice_14_ratio,
    round(
        least(pf_div(used.bytes_14, 14) * pf_div(past.days_before, past.bytes_before), 100), 4
    ) as bytes_14_ratio,
    round(
        least(pf_div(used.events_14 * used.early_days, 14 * (used.events - used.events_14)), 100), 4
    ) as within_ratio,
    line.active_days - past.active_days_1 as active_days_change,
    least(line.events, past.events_least) as events_least
from churn.line_month as line
inner join used on line.month_start = used.month_start and line.subscription_key = used.subscription_key
left join past on line.month_start = past.month_start and line.subscription_key = past.subscription_key
