/*
description: Lines in network when a month opened by the worst complaint of the days before, and how many of them left.
grain: [month_start, reason_group, resolution_type]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  reason_group: varchar - Reason of the complaint; 'none' without one.
  resolution_type: varchar - resolved, unresolved (open or ended so when the month opened) or none.
  lines: integer - Commercial lines in network when the month opened.
  leavers: integer - Of these, out of network when it closed.
checks:
  - leavers between 0 and lines
*/
with

line as (
    select
        month_start,
        subscription_key,
        bool_or(movement_type = 'churn' and is_in_opening_base) as has_left
    from mart_customer.subscriber_movement_month
    where movement_type in ('opening', 'churn') and is_commercial and is_opening_known
    group by month_start, subscription_key
    having bool_or(movement_type = 'opening')
)

select
    line.month_start,
    coalesce(complaint.reason_group, 'none') as reason_group,
    coalesce(complaint.resolution_type, 'none') as resolution_type,
    count(*) as lines,
    sum(case when line.has_left then 1 else 0 end) as leavers
from line
left join mart_service.complaint_line as complaint
    on line.month_start = complaint.month_start and line.subscription_key = complaint.subscription_key
group by
    line.month_start,
    coalesce(complaint.reason_group, 'none'),
    coalesce(complaint.resolution_type, 'none')
