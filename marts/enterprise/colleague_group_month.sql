/*
description: >-
  Groups of lines that work together, by month; circles of one cell joined where the links between two are many for the
  smaller one. A single call between two companies of a building joins nobody.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
portable: no - groups are found by recursion, which Spark knows without distinct rows only
reads:
  mart_enterprise.threshold: static
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  group_key: bigint - Group; its lowest line.
  colleagues: integer - Lines of the group with which it had contact on working days.
  lines: integer - Lines of the group.
checks:
  - colleagues < lines
*/
with recursive

pair as (
    select
        link.month_start,
        link.subscription_key,
        link.other_subscription_key,
        one.circle_key,
        other.circle_key as other_key,
        least(one.lines, other.lines) as fewer_lines
    from mart_enterprise.colleague_link_month as link
    inner join mart_enterprise.colleague_circle_month as one
        on link.month_start = one.month_start and link.subscription_key = one.subscription_key
    inner join mart_enterprise.colleague_circle_month as other
        on link.month_start = other.month_start and link.other_subscription_key = other.subscription_key
),

bond as (
    select
        pair.month_start,
        pair.circle_key,
        pair.other_key
    from pair
    cross join mart_enterprise.threshold as threshold
    where pair.circle_key <> pair.other_key
    group by pair.month_start, pair.circle_key, pair.other_key, pair.fewer_lines, threshold.circle_link_share
    having count(*) >= threshold.circle_link_share * pair.fewer_lines
),

reach as (
    select month_start, circle_key, other_key
    from bond
    union
    select reach.month_start, reach.circle_key, bond.other_key
    from reach
    inner join bond on reach.month_start = bond.month_start and reach.other_key = bond.circle_key
),

joined as (
    select
        month_start,
        circle_key,
        least(circle_key, min(other_key)) as joined_key
    from reach
    group by month_start, circle_key
),

member as (
    select
        circle.month_start,
        circle.subscription_key,
        coalesce(joined.joined_key, circle.circle_key) as joined_key
    from mart_enterprise.colleague_circle_month as circle
    left join joined on circle.month_start = joined.month_start and circle.circle_key = joined.circle_key
),

met as (
    select
        link.month_start,
        link.subscription_key,
        count(*) as colleagues
    from mart_enterprise.colleague_link_month as link
    inner join member as one
        on link.month_start = one.month_start and link.subscription_key = one.subscription_key
    inner join member as other
        on
            link.month_start = other.month_start
            and link.other_subscription_key = other.subscription_key
            and one.joined_key = other.joined_key
    group by link.month_start, link.subscription_key
)

select
    member.month_start,
    member.subscription_key,
    min(member.subscription_key) over whole_group as group_key,
    coalesce(met.colleagues, 0) as colleagues,
    count(*) over whole_group as lines
from member
left join met on member.month_start = met.month_start and member.subscription_key = met.subscription_key
window whole_group as (partition by member.month_start, member.joined_key)
