/*
description: Days between one top-up of a line and the next, in the month of the latter.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
scope: subscription_key
public: true
reads:
  core.fct_recharge: 92 days
  mart_revenue.threshold: static
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Subscription.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed, null when the line was not known then.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  gaps: integer - Top-ups of the month that had one before them within the days of the threshold; taken back later ones too.
  gap_days: integer - Sum of the days between; 0 for two of one day.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - gaps > 0 and gap_days >= 0
*/
with

made as (
    select
        subscription_key,
        recharged_on,
        date_diff(
            'day',
            lag(recharged_on) over (partition by subscription_key order by recharged_on, recharged_at, recharge_no),
            recharged_on
        ) as days
    from core.fct_recharge
    where not is_reversal and subscription_key <> -1
),

summed as (
    select
        cast(date_trunc('month', made.recharged_on) as date) as month_start,
        made.subscription_key,
        count(*) as gaps,
        sum(made.days) as gap_days
    from made
    cross join mart_revenue.threshold as threshold
    where made.days <= threshold.gap_days
    group by cast(date_trunc('month', made.recharged_on) as date), made.subscription_key
)

select
    summed.month_start,
    summed.subscription_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    summed.gaps,
    summed.gap_days,
    last_day(summed.month_start) <= getvariable('as_of') as is_closed
from summed
left join core.subscriber_day as line
    on
        line.day = least(last_day(summed.month_start), getvariable('as_of'))
        and summed.subscription_key = line.subscription_key
