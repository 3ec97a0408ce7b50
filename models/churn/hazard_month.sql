/*
description: How many lines of each tenure, plan and channel were in the network when a month began, and how many of them when it ended.
grain: [month_start, plan_id, channel_type, tenure_months]
refresh: month
partition: month_start
keep: 60 months
frozen: true
open_month: false
public: true
reads: {churn.line_month: 31 days}
columns:
  month_start: date - First day of the month.
  plan_id: varchar - Plan when it began; unknown when not told.
  channel_type: varchar - Type of the outlet that sold the line; unknown when not told.
  tenure_months: integer - Full months of thirty days since the first activation when it began, 60 and more together.
  pay_type: varchar - prepaid or postpaid.
  lines: integer - Lines in the network when the month began.
  leavers: integer - Of these, those out of it when it ended.
  voluntary_leavers: integer - Of these, of their own will or without a known reason.
  involuntary_leavers: integer - Of these, for arrears or fraud.
  ported_leavers: integer - Of these, with their number.
checks:
  - leavers <= lines and leavers = voluntary_leavers + involuntary_leavers + ported_leavers
*/
select
    cast(line.month_start + interval 1 month as date) as month_start,
    coalesce(line.plan_id, 'unknown') as plan_id,
    coalesce(line.channel_type, 'unknown') as channel_type,
    cast(floor(least(coalesce(line.tenure_days, 0), 1800) / 30) as integer) as tenure_months,
    max(line.pay_type) as pay_type,
    count(*) as lines,
    count(*) filter (where not ends.is_in_network) as leavers,
    count(*) filter (
        where not ends.is_in_network and coalesce(ends.churn_type, 'UNK') not in ('involuntary', 'port_out')
    ) as voluntary_leavers,
    count(*) filter (where not ends.is_in_network and ends.churn_type = 'involuntary') as involuntary_leavers,
    count(*) filter (where not ends.is_in_network and ends.churn_type = 'port_out') as ported_leavers
from churn.line_month as line
inner join core.subscriber_day as ends
    on
        line.subscription_key = ends.subscription_key
        and last_day(cast(line.month_start + interval 1 month as date)) = ends.day
group by
    cast(line.month_start + interval 1 month as date),
    coalesce(line.plan_id, 'unknown'),
    coalesce(line.channel_type, 'unknown'),
    cast(floor(least(coalesce(line.tenure_days, 0), 1800) / 30) as integer)
