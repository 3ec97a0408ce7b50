/*
description: Lines of groups that work together though hardly any of them is a member of a known enterprise, by month.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
public: true
reads:
  mart_enterprise.threshold: static
columns:
  month_start: date - First day of the month whose contacts show the group.
  subscription_key: bigint - Line.
  group_key: bigint - Group; its lowest line of the month, so another one when that line leaves.
  colleagues: integer - Lines of the group with which it had contact on working days.
  lines: integer - Lines of the group.
  registered_lines: integer - Of these, members of enterprises.
  is_registered: boolean - Is a member of an enterprise.
  enterprise_id: varchar - Enterprise of a registered line; null else.
checks:
  - registered_lines < lines
  - colleagues < lines
*/
with

grouped as (
    select
        circle.month_start,
        circle.subscription_key,
        circle.group_key,
        circle.colleagues,
        circle.lines,
        member.enterprise_id,
        count(member.enterprise_id) over (partition by circle.month_start, circle.group_key) as registered_lines
    from mart_enterprise.colleague_group_month as circle
    left join mart_enterprise.member_month as member
        on circle.month_start = member.month_start and circle.subscription_key = member.subscription_key
)

select
    grouped.month_start,
    grouped.subscription_key,
    grouped.group_key,
    grouped.colleagues,
    grouped.lines,
    grouped.registered_lines,
    grouped.enterprise_id is not null as is_registered,
    grouped.enterprise_id
from grouped
cross join mart_enterprise.threshold as threshold
where
    grouped.lines >= threshold.group_lines
    and grouped.registered_lines < threshold.registered_share * grouped.lines
