/*
description: Which lines are key lines on a day, with their use of late against their own baseline and who looks after them.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 14 months
scope: subscription_key
optional:
  stg_enterprise.member: no enterprises and no managers
reads:
  core.subscriber_day: 27 days
  core.bridge_enterprise_member: changes
  stg_enterprise.enterprise: 62 days
  mart_keyaccount.baseline_month: 62 days
  mart_keyaccount.threshold: static
columns:
  day: date - Business day.
  subscription_key: bigint - Line, in the network at the close or left that day.
  is_top_value: boolean - A key line for its bills, judged when the month before closed.
  months: integer - Whole months behind the baseline; null without one.
  voice_s_mean: bigint - Seconds talked per day in these months; null without any.
  voice_s_deviation: decimal(18,3) - Their deviation, the least one at least; null with fewer than two months.
  data_kb_mean: bigint - Volume per day in these months in units of 1024 bytes; null without any.
  data_kb_deviation: decimal(18,3) - Their deviation, the least one at least; null with fewer than two months.
  recent_days: integer - Days in the network among the 28 up to this one.
  voice_s: bigint - Seconds talked in these days, as known when each closed.
  data_kb: bigint - Volume in these days in units of 1024 bytes, as known when each closed.
  enterprise_id: varchar - Enterprise that it belongs to; null without one.
  manager_name: varchar - Who looks after that enterprise; null when nobody does.
checks:
  - recent_days between 0 and 28
*/
with

key_line as (
    select
        line.day,
        line.subscription_key,
        coalesce(baseline.is_top_value, false) as is_top_value,
        baseline.months,
        baseline.voice_s_mean,
        baseline.data_kb_mean,
        greatest(baseline.voice_s_deviation, threshold.least_deviation_share * baseline.voice_s_mean)
            as voice_s_deviation,
        greatest(baseline.data_kb_deviation, threshold.least_deviation_share * baseline.data_kb_mean)
            as data_kb_deviation
    from core.subscriber_day as line
    cross join mart_keyaccount.threshold as threshold
    left join mart_keyaccount.baseline_month as baseline
        on
            cast(date_trunc('month', line.day) - interval 1 month as date) = baseline.month_start
            and line.subscription_key = baseline.subscription_key
    where (line.is_in_network or line.is_churn) and (line.vip_level >= threshold.vip_level or baseline.is_top_value)
),

recent as (
    select
        key_line.day,
        key_line.subscription_key,
        count(*) filter (where line.is_in_network) as recent_days,
        sum(line.voice_s) as voice_s,
        floor(sum(line.bytes) / 1024) as data_kb
    from key_line
    cross join mart_keyaccount.threshold as threshold
    inner join core.subscriber_day as line
        on
            key_line.subscription_key = line.subscription_key
            and key_line.day >= line.day
            and line.day > key_line.day - threshold.recent_days
    group by key_line.day, key_line.subscription_key
),

-- The newest workbook of the two months up to the day names the manager.
managed as (
    select
        key_line.day,
        key_line.subscription_key,
        member.enterprise_id,
        enterprise.manager_name,
        row_number() over (
            partition by key_line.day, key_line.subscription_key
            order by
                enterprise.snapshot_on desc,
                enterprise.known_on desc,
                enterprise.delivery_id desc,
                enterprise.row_no desc
        ) as place
    from key_line
    inner join core.bridge_enterprise_member as member
        on
            key_line.subscription_key = member.subscription_key
            and key_line.day >= member.valid_from
            and key_line.day < member.valid_to
    left join stg_enterprise.enterprise as enterprise
        on
            member.enterprise_id = enterprise.enterprise_id
            and enterprise.superseded_on is null
            and key_line.day >= enterprise.snapshot_on
            and enterprise.snapshot_on >= key_line.day - 62
)

select
    key_line.day,
    key_line.subscription_key,
    key_line.is_top_value,
    key_line.months,
    key_line.voice_s_mean,
    key_line.voice_s_deviation,
    key_line.data_kb_mean,
    key_line.data_kb_deviation,
    recent.recent_days,
    recent.voice_s,
    recent.data_kb,
    managed.enterprise_id,
    managed.manager_name
from key_line
inner join recent on key_line.day = recent.day and key_line.subscription_key = recent.subscription_key
left join managed
    on key_line.day = managed.day and key_line.subscription_key = managed.subscription_key and managed.place = 1
