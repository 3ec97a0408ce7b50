/*
description: >-
  What each line that closed the month in network, or churned in it, was worth before - mean monthly revenue of three months -
  and whether it is one of the mid and high end.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 60 months
scope: subscription_key
public: true
reads:
  mart_revenue.subscriber_month: 92 days
  value.threshold: static
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  movement_type: varchar - closing (in network when the month closed) or churn (left in the month and still out).
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed, of churned lines those before they left.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  vip_level: integer - Level of the customer when the month closed, 0 to 5; null when CRM had not told.
  monthly_amt: decimal(18,6) - A third of the revenue of the three months before, which are billed; of prepaid lines, charges as rated.
  is_mid_high: boolean - In network when the month closed, and of at least the amount or the level that the thresholds say.
checks:
  - movement_type in ('closing', 'churn')
  - not (is_mid_high and movement_type = 'churn')
*/
with

line as (
    select *
    from mart_customer.subscriber_movement_month
    where movement_type in ('closing', 'churn')
),

money as (
    select
        line.month_start,
        line.subscription_key,
        sum(case when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt end) as revenue_amt
    from line
    inner join mart_revenue.subscriber_month as money
        on
            line.subscription_key = money.subscription_key
            and line.month_start > money.month_start
            and line.month_start - interval 3 month <= money.month_start
    group by line.month_start, line.subscription_key
),

customer as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        vip_level
    from core.subscriber_day
    where day = last_day(day)
),

valued as (
    select
        line.month_start,
        line.subscription_key,
        line.movement_type,
        line.pay_type,
        line.brand,
        line.plan_id,
        line.area_id,
        line.channel_type,
        line.segment_type,
        line.is_commercial,
        customer.vip_level,
        cast(round(coalesce(money.revenue_amt, 0) / 3, 6) as decimal(18, 6)) as monthly_amt
    from line
    left join money on line.month_start = money.month_start and line.subscription_key = money.subscription_key
    left join customer on line.month_start = customer.month_start and line.subscription_key = customer.subscription_key
)

select
    valued.month_start,
    valued.subscription_key,
    valued.movement_type,
    valued.pay_type,
    valued.brand,
    valued.plan_id,
    valued.area_id,
    valued.channel_type,
    valued.segment_type,
    valued.is_commercial,
    valued.vip_level,
    valued.monthly_amt,
    valued.movement_type = 'closing'
    and (
        valued.monthly_amt >= threshold.mid_high_amt
        or coalesce(valued.vip_level >= threshold.mid_high_vip_level, false)
    ) as is_mid_high
from valued
cross join value.threshold as threshold
