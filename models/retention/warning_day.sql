/*
description: Lines warned of on a day, which cannot wait for the month's end - an enquiry about leaving, or a complaint that was not solved - without the controls.
grain: [raised_on, subscription_key]
refresh: day
partition: raised_on
keep: 14 months
public: true
optional:
  churn.score_month: no list, so no controls
  stg_mnp.enquiry: no warnings of enquiries
  stg_care.ticket: no warnings of complaints
reads:
  retention.list_month: 155 days
  retention.threshold: static
  retention.trigger: static
columns:
  raised_on: date - Business day on which it was seen.
  subscription_key: bigint - Subscription, in network and commercial when the day closed.
  trigger_type: varchar - The most urgent of what was seen - port_enquiry or complaint.
  triggers: integer - How many of the two were seen.
  priority: integer - Priority of the trigger, 1 is the most urgent.
  pay_type: varchar - prepaid or postpaid; attributes are those at the close of the day.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
checks:
  - triggers between 1 and 2
*/
with

seen as (
    select enquired_on as raised_on, subscription_key, 'port_enquiry' as trigger_type
    from core.fct_port_enquiry
    where subscription_key <> -1
    group by enquired_on, subscription_key
    union all
    select day as raised_on, subscription_key, 'complaint' as trigger_type
    from mart_service.ticket_day
    where
        subscription_key <> -1
        and (is_reopened or (is_closed and result_type = 'unresolved'))
    group by day, subscription_key
),

control as (
    select
        seen.raised_on,
        seen.subscription_key
    from seen
    cross join retention.threshold as threshold
    inner join retention.list_month as list
        on
            seen.subscription_key = list.subscription_key
            and list.is_control
            and last_day(list.month_start) <= seen.raised_on
            and last_day(list.month_start) > seen.raised_on - threshold.control_days
    group by seen.raised_on, seen.subscription_key
),

ranked as (
    select
        seen.raised_on,
        seen.subscription_key,
        seen.trigger_type,
        told.priority,
        count(*) over (partition by seen.raised_on, seen.subscription_key) as triggers,
        row_number() over (
            partition by seen.raised_on, seen.subscription_key order by told.priority, seen.trigger_type
        ) as place
    from seen
    inner join retention.trigger as told on seen.trigger_type = told.trigger_type
)

select
    ranked.raised_on,
    ranked.subscription_key,
    ranked.trigger_type,
    ranked.triggers,
    ranked.priority,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    line.is_commercial
from ranked
inner join core.subscriber_day as line
    on ranked.raised_on = line.day and ranked.subscription_key = line.subscription_key
left join control on ranked.raised_on = control.raised_on and ranked.subscription_key = control.subscription_key
where ranked.place = 1 and control.subscription_key is null and line.is_in_network and line.is_commercial
