/*
description: What the plan of each line in network includes per month, by service; lines and services without an allowance are left out.
grain: [month_start, subscription_key, service_type]
refresh: month
partition: month_start
keep: 26 months
open_month: false
scope: subscription_key
public: true
reads:
  core.bridge_subscription_plan: changes
  core.dim_date: static
  core.dim_plan: static
  core.plan_component: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription in network when the month closed.
  service_type: varchar - voice, sms or data.
  plan_id: varchar - Plan held when the month closed, as known now.
  plan_version: integer - Its version on sale when the line took it up.
  taken_at: timestamp - When the line took it up, UTC; within the month, what was used before counted against another plan.
  allowance_units: decimal(18,2) - Minutes, messages or megabytes (1,048,576 bytes) included per month.
checks:
  - allowance_units > 0
*/
with

month_end as (
    select
        day,
        begins_at + interval 24 hours as ends_at,
        cast(day as timestamp) - begins_at as offset_to_local
    from core.dim_date
    where day = last_day(day)
),

line as (
    select
        snapshot.day,
        snapshot.subscription_key,
        month_end.ends_at,
        month_end.offset_to_local
    from core.subscriber_day as snapshot
    inner join month_end on snapshot.day = month_end.day
    where snapshot.is_in_network
),

taken as (
    select
        line.day,
        line.subscription_key,
        held.plan_id,
        held.valid_from as taken_at,
        cast(held.valid_from + line.offset_to_local as date) as taken_on
    from line
    inner join core.bridge_subscription_plan as held
        on
            line.subscription_key = held.subscription_key
            and line.ends_at > held.valid_from
            and line.ends_at <= held.valid_to
)

-- A line keeps the version that was on sale when it took the plan up; a plan older than its first version has that one.
select
    cast(date_trunc('month', taken.day) as date) as month_start,
    taken.subscription_key,
    part.service_type,
    taken.plan_id,
    plan.plan_version,
    taken.taken_at,
    sum(part.allowance_units) as allowance_units
from taken
inner join core.dim_plan as plan
    on
        taken.plan_id = plan.plan_id
        and (taken.taken_on >= plan.valid_from or plan.plan_version = 1)
        and taken.taken_on < coalesce(plan.valid_to, date '9999-12-31')
inner join core.plan_component as part
    on
        plan.plan_id = part.plan_id
        and plan.plan_version = part.plan_version
        and part.component_type = 'allowance'
        and part.allowance_units > 0
where part.service_type in ('voice', 'sms', 'data')
group by
    cast(date_trunc('month', taken.day) as date),
    taken.subscription_key,
    part.service_type,
    taken.plan_id,
    plan.plan_version,
    taken.taken_at
