/*
description: What became of warnings, in the month in which that was verified - was the line still in network.
grain: [month_start, subscription_key, raised_on]
refresh: month
partition: month_start
keep: 26 months
public: true
optional: {churn.score_month: no warnings of the model}
reads:
  retention.warning_day: 92 days
  retention.warning_month: 123 days
  retention.threshold: static
columns:
  month_start: date - First day of the month in which staying was verified.
  subscription_key: bigint - Subscription.
  raised_on: date - Business day of the warning.
  trigger_type: varchar - The most urgent of what was seen.
  verified_on: date - Day at whose close staying was verified.
  has_stayed: boolean - In network then.
  pay_type: varchar - prepaid or postpaid; attributes are those on the day of the warning.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - verified_on > raised_on
*/
with

warning as (
    select
        raised_on, subscription_key, trigger_type, priority, pay_type, brand, plan_id, area_id, channel_type,
        segment_type, is_commercial
    from retention.warning_month
    union all
    select
        raised_on, subscription_key, trigger_type, priority, pay_type, brand, plan_id, area_id, channel_type,
        segment_type, is_commercial
    from retention.warning_day
),

ranked as (
    select
        warning.*,
        cast(warning.raised_on + threshold.verify_days * interval 1 day as date) as verified_on,
        row_number() over (
            partition by warning.raised_on, warning.subscription_key order by warning.priority, warning.trigger_type
        ) as place
    from warning
    cross join retention.threshold as threshold
)

select
    cast(date_trunc('month', ranked.verified_on) as date) as month_start,
    ranked.subscription_key,
    ranked.raised_on,
    ranked.trigger_type,
    ranked.verified_on,
    coalesce(line.is_in_network, false) as has_stayed,
    ranked.pay_type,
    ranked.brand,
    ranked.plan_id,
    ranked.area_id,
    ranked.channel_type,
    ranked.segment_type,
    ranked.is_commercial,
    last_day(ranked.verified_on) <= getvariable('as_of') as is_closed
from ranked
left join core.subscriber_day as line
    on ranked.verified_on = line.day and ranked.subscription_key = line.subscription_key
where ranked.place = 1 and ranked.verified_on <= getvariable('as_of')
