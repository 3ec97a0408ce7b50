/*
description: >-
  Margin by month and what lines were when it closed, with commission spread over the months after its booking; any rows of a
  month may be added.
grain: [month_start, pay_type, brand, plan_id, area_id, channel_type, segment_type, is_commercial]
nullable: [pay_type, brand, plan_id, area_id, channel_type, segment_type]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
reads:
  value.commission_month: 335 days
  value.threshold: static
columns:
  month_start: date - First day of the month.
  pay_type: varchar - prepaid or postpaid; attributes of margin are those when the month closed, of commission those when its month did.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  recurring_margin_amt: decimal(18,6) - Revenue and interconnection earned, less interconnection and service cost.
  commission_amt: decimal(18,6) - Part of the month in the commission of this and the months before.
  margin_amt: decimal(18,6) - The former less the latter.
  is_told: boolean - Bills and finance's costs of the month have arrived.
checks:
  - margin_amt = recurring_margin_amt - commission_amt
*/
with

month as (
    select
        month_start,
        bool_and(is_billed and is_costed) as is_told
    from value.margin_month
    group by month_start
),

movement as (
    select
        money.month_start, line.pay_type, line.brand, line.plan_id, line.area_id, line.channel_type, line.segment_type,
        coalesce(line.is_commercial, false) as is_commercial, money.recurring_margin_amt,
        cast(0 as decimal(18, 6)) as booked_amt
    from value.margin_month as money
    left join core.subscriber_day as line
        on last_day(money.month_start) = line.day and money.subscription_key = line.subscription_key
    union all
    select
        month.month_start, booked.pay_type, booked.brand, booked.plan_id, booked.area_id, booked.channel_type,
        booked.segment_type, booked.is_commercial, cast(0 as decimal(18, 6)) as recurring_margin_amt,
        booked.commission_amt as booked_amt
    from month
    cross join value.threshold as threshold
    inner join value.commission_month as booked
        on
            month.month_start >= booked.month_start
            and pf_month_diff(booked.month_start, month.month_start) < threshold.commission_months
),

summed as (
    select
        month_start,
        pay_type,
        brand,
        plan_id,
        area_id,
        channel_type,
        segment_type,
        is_commercial,
        sum(recurring_margin_amt) as recurring_margin_amt,
        sum(booked_amt) as booked_amt
    from movement
    group by month_start, pay_type, brand, plan_id, area_id, channel_type, segment_type, is_commercial
),

spread as (
    select
        summed.*,
        cast(round(summed.booked_amt / threshold.commission_months, 6) as decimal(18, 6)) as commission_amt
    from summed
    cross join value.threshold as threshold
)

select
    spread.month_start,
    spread.pay_type,
    spread.brand,
    spread.plan_id,
    spread.area_id,
    spread.channel_type,
    spread.segment_type,
    spread.is_commercial,
    spread.recurring_margin_amt,
    spread.commission_amt,
    spread.recurring_margin_amt - spread.commission_amt as margin_amt,
    month.is_told
from spread
inner join month on spread.month_start = month.month_start
