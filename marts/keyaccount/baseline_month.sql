/*
description: >-
  What is usual for each key line: its use per day in the six months up to a month, with mean and deviation, from what was
  known as each month closed.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
scope: subscription_key
public: true
requires: [mart_revenue.subscriber_month]
reads:
  core.subscriber_day: 153 days
  mart_revenue.subscriber_month: 92 days
  mart_keyaccount.threshold: static
columns:
  month_start: date - First day of the newest month.
  subscription_key: bigint - Line.
  vip_level: integer - Level of the customer when the month closed; null when CRM had not told.
  is_vip: boolean - A key line for its level.
  is_top_value: boolean - A key line for its bills.
  bill_months: integer - Of the three months before the newest, those with a bill.
  bills_amt: decimal(18,2) - Billed in these after discount.
  months: integer - Whole months in the network among the six.
  voice_s_mean: bigint - Seconds talked per day, mean of these months; null without any.
  voice_s_deviation: bigint - Their deviation from month to month; null with fewer than two.
  data_kb_mean: bigint - Volume per day in units of 1024 bytes, mean of these months; null without any.
  data_kb_deviation: bigint - Their deviation from month to month; null with fewer than two.
checks:
  - is_vip or is_top_value
  - months between 0 and 6
*/
with

closing as (
    select
        *,
        cast(date_trunc('month', day) as date) as month_start
    from core.subscriber_day
    where day = last_day(day) and is_in_network
),

billed as (
    select
        closing.month_start,
        closing.subscription_key,
        count(*) as bill_months,
        sum(money.revenue_amt) as bills_amt
    from closing
    inner join mart_revenue.subscriber_month as money
        on
            closing.subscription_key = money.subscription_key
            and pf_month_diff(money.month_start, closing.month_start) between 1 and 3
    where money.bill_items > 0
    group by closing.month_start, closing.subscription_key
),

key_line as (
    select
        closing.month_start,
        closing.subscription_key,
        closing.vip_level,
        coalesce(closing.vip_level >= threshold.vip_level, false) as is_vip,
        coalesce(billed.bills_amt >= 3 * threshold.top_value_amt, false) as is_top_value,
        coalesce(billed.bill_months, 0) as bill_months,
        coalesce(billed.bills_amt, 0) as bills_amt
    from closing
    cross join mart_keyaccount.threshold as threshold
    left join billed
        on closing.month_start = billed.month_start and closing.subscription_key = billed.subscription_key
    where closing.vip_level >= threshold.vip_level or billed.bills_amt >= 3 * threshold.top_value_amt
),

-- Months that the line was in the network from their first day on; per day, so that short and long ones compare.
used as (
    select
        month_start,
        subscription_key,
        cast(round(mtd_voice_s / nullif(extract(day from day), 0), 0) as bigint) as voice_s,
        cast(round(mtd_bytes / nullif(1024 * extract(day from day), 0), 0) as bigint) as data_kb
    from closing
    where activated_on <= month_start
),

summed as (
    select
        key_line.month_start,
        key_line.subscription_key,
        count(*) as months,
        sum(used.voice_s) as voice_s,
        sum(cast(used.voice_s as decimal(38, 0)) * used.voice_s) as voice_s_squared,
        sum(used.data_kb) as data_kb,
        sum(cast(used.data_kb as decimal(38, 0)) * used.data_kb) as data_kb_squared
    from key_line
    inner join used
        on
            key_line.subscription_key = used.subscription_key
            and pf_month_diff(used.month_start, key_line.month_start) between 0 and 5
    group by key_line.month_start, key_line.subscription_key
)

select
    key_line.month_start,
    key_line.subscription_key,
    key_line.vip_level,
    key_line.is_vip,
    key_line.is_top_value,
    key_line.bill_months,
    key_line.bills_amt,
    coalesce(summed.months, 0) as months,
    round(pf_div(summed.voice_s, summed.months), 0) as voice_s_mean,
    round(sqrt(pf_div(
        summed.months * summed.voice_s_squared - cast(summed.voice_s as decimal(38, 0)) * summed.voice_s,
        summed.months * (summed.months - 1)
    )), 0) as voice_s_deviation,
    round(pf_div(summed.data_kb, summed.months), 0) as data_kb_mean,
    round(sqrt(pf_div(
        summed.months * summed.data_kb_squared - cast(summed.data_kb as decimal(38, 0)) * summed.data_kb,
        summed.months * (summed.months - 1)
    )), 0) as data_kb_deviation
from key_line
left join summed
    on key_line.month_start = summed.month_start and key_line.subscription_key = summed.subscription_key
