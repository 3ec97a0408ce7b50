/*
description: What the stages of life are judged by, of each commercial line that is not yet opened, in network, or left lately.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads:
  core.subscriber_day: 185 days
  value.threshold: static
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  pay_type: varchar - prepaid or postpaid.
  vip_level: integer - Level of the customer, 0 to 5; null when not told.
  status_type: varchar - pre_open, active, suspended or terminated at the end of the month.
  is_in_network: boolean - Active or suspended.
  tenure_months: integer - Calendar months since the first activation; null before.
  months_back: integer - Calendar months since it came back after having left; null for a line that never did.
  days_silent: integer - Days without use up to the end of the month; null for a line never used.
  use_now: decimal(18,2) - Use per month of this and the two months before, calls, messages and data in minutes.
  use_before: decimal(18,2) - The same of the three months before those; null for a line too young for it, or where history begins later.
  use_of_month: decimal(18,2) - Use of this month alone.
checks:
  - use_now >= 0 and use_of_month >= 0
*/
with

close as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        day,
        subscription_key,
        pay_type,
        vip_level,
        status_type,
        is_in_network,
        is_commercial,
        first_activated_on,
        activated_on,
        tenure_months,
        last_event_on,
        round(mtd_voice_s / 60.0, 6) + mtd_sms + round(mtd_bytes / 1048576.0 / nullif(threshold.mb_per_minute, 0), 6)
            as use_amount
    from core.subscriber_day
    cross join value.threshold as threshold
    where day = last_day(day)
),

used as (
    select
        line.month_start,
        line.subscription_key,
        sum(case when earlier.month_start > line.month_start - interval 3 month then earlier.use_amount else 0 end)
            as now,
        sum(case when earlier.month_start <= line.month_start - interval 3 month then earlier.use_amount else 0 end)
            as before,
        count(case when earlier.month_start <= line.month_start - interval 3 month then 1 end) as months_before
    from close as line
    inner join close as earlier
        on
            line.subscription_key = earlier.subscription_key
            and line.month_start >= earlier.month_start
            and earlier.month_start > line.month_start - interval 6 month
    group by line.month_start, line.subscription_key
)

select
    line.month_start,
    line.subscription_key,
    line.pay_type,
    line.vip_level,
    line.status_type,
    line.is_in_network,
    line.tenure_months,
    case
        when line.activated_on > line.first_activated_on then pf_month_diff(line.activated_on, line.day)
    end as months_back,
    date_diff('day', line.last_event_on, line.day) as days_silent,
    round(pf_div(used.now, least(3, greatest(coalesce(line.tenure_months, 0), 0) + 1)), 2) as use_now,
    case when line.tenure_months >= 6 and used.months_before = 3 then round(used.before / 3, 2) end as use_before,
    round(line.use_amount, 2) as use_of_month
from close as line
inner join used on line.month_start = used.month_start and line.subscription_key = used.subscription_key
where line.is_commercial
