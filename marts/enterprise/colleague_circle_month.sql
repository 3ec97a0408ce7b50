/*
description: >-
  Close circles among lines that work in one cell, by month. Each line begins alone and takes over the circle of most of
  its colleagues, its own counting like one of them; all do so at once, for a fixed number of rounds, the lowest wins a tie.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
portable: no - rounds go by recursion over the newest rows, which Spark does not know
reads:
  mart_enterprise.threshold: static
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  circle_key: bigint - Circle; a name without a meaning.
  lines: integer - Lines of the circle.
*/
with recursive

pull as (
    select month_start, subscription_key, other_subscription_key
    from mart_enterprise.colleague_link_month
    union
    select month_start, subscription_key, subscription_key as other_subscription_key
    from mart_enterprise.colleague_link_month
),

spread as (
    select distinct
        0 as round,
        month_start,
        subscription_key,
        subscription_key as circle_key
    from mart_enterprise.colleague_link_month
    union all
    select round, month_start, subscription_key, circle_key
    from (
        select
            spread.round + 1 as round,
            pull.month_start,
            pull.subscription_key,
            spread.circle_key,
            row_number() over (
                partition by pull.month_start, pull.subscription_key order by count(*) desc, spread.circle_key asc
            ) as place
        from spread
        inner join pull
            on spread.month_start = pull.month_start and spread.subscription_key = pull.other_subscription_key
        cross join mart_enterprise.threshold as threshold
        where spread.round < threshold.circle_rounds
        group by spread.round, pull.month_start, pull.subscription_key, spread.circle_key
    ) as weighed
    where place = 1
)

select
    spread.month_start,
    spread.subscription_key,
    spread.circle_key,
    count(*) over (partition by spread.month_start, spread.circle_key) as lines
from spread
cross join mart_enterprise.threshold as threshold
where spread.round = threshold.circle_rounds
