/*
description: Lines in network that were not used at all in a month, by plan, channel and what they are used for, with what they pay all the same.
grain: [month_start, plan_id, channel_type, line_type]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  plan_id: varchar - Plan when the month closed.
  channel_type: varchar - Type of the outlet that sold the line; 'unknown' without one.
  line_type: varchar - handset, data_card or m2m.
  lines: integer - Commercial lines in network when the month closed.
  zero_lines: integer - Of these, without any event in the month.
  new_zero_lines: integer - Of those without an event, activated in the month.
  zero_revenue_amt: decimal(18,2) - Billed to lines without an event, after discount.
checks:
  - zero_lines <= lines and new_zero_lines <= zero_lines
*/
with

line as (
    select
        used.month_start,
        coalesce(used.plan_id, 'unknown') as plan_id,
        coalesce(used.channel_type, 'unknown') as channel_type,
        coalesce(used.line_type, 'unknown') as line_type,
        used.active_days = 0 as is_unused,
        known.activated_on >= used.month_start as is_new,
        money.revenue_amt
    from mart_usage.subscriber_month as used
    left join core.subscriber_day as known
        on last_day(used.month_start) = known.day and used.subscription_key = known.subscription_key
    left join mart_revenue.subscriber_month as money
        on used.month_start = money.month_start and used.subscription_key = money.subscription_key
    where used.is_in_network and used.is_commercial
)

select
    month_start,
    plan_id,
    channel_type,
    line_type,
    count(*) as lines,
    sum(case when is_unused then 1 else 0 end) as zero_lines,
    sum(case when is_unused and is_new then 1 else 0 end) as new_zero_lines,
    coalesce(sum(case when is_unused then revenue_amt end), 0) as zero_revenue_amt
from line
group by month_start, plan_id, channel_type, line_type
