/*
description: >-
  What each postpaid line was expected to be billed for the month, as known at the close of its tenth day, beside what it was
  billed.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 60 months
scope: subscription_key
public: true
reads:
  core.subscriber_day: 31 days
  core.fct_bill_item: 62 days
  core.plan_fee: static
  mart_revenue.threshold: static
columns:
  month_start: date - First day of the month, and of the billing cycle.
  subscription_key: bigint - Line; -1 when the bill names no known line.
  pay_type: varchar - prepaid or postpaid; attributes of a billed line are those when the month closed, else those of the forecast.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  recurring_amt: decimal(18,2) - Fees and services of the newest bill that had been issued, of a line without one the plan's fee; null without forecast.
  usage_amt: decimal(18,6) - Charges rated by then, and what was rated after the tenth day of the month before; null without forecast.
  forecast_amt: decimal(18,6) - The two together; null for a line that was not in network then.
  revenue_amt: decimal(18,2) - Billed after discount, without tax; zero until the bill arrives.
  bill_items: integer - Items on the bill; zero without one.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - forecast_amt is null or forecast_amt = recurring_amt + usage_amt
*/
with

-- As the day closed: what came to be known later is not in the forecast.
line as (
    select
        cast(date_trunc('month', line.day) as date) as month_start,
        line.*
    from core.subscriber_day as line
    cross join mart_revenue.threshold as threshold
    where extract(day from line.day) = threshold.forecast_day and line.is_in_network and line.pay_type = 'postpaid'
),

-- Allowances last for the first days: charges of the rest are those of the rest of the month before, not more of the same.
rest as (
    select
        cast(last_day(line.day) + 1 as date) as month_start,
        line.subscription_key,
        ends.mtd_charge_amt - line.mtd_charge_amt as rest_amt
    from line
    inner join core.subscriber_day as ends
        on last_day(line.day) = ends.day and line.subscription_key = ends.subscription_key
),

bill as (
    select
        line.month_start,
        item.subscription_key,
        item.cycle_month,
        sum(case when item.item_code in ('fee', 'vas') then item.billed_amt - item.discount_amt else 0 end)
            as recurring_amt,
        row_number() over (partition by line.month_start, item.subscription_key order by item.cycle_month desc) as place
    from line
    inner join core.fct_bill_item as item
        on
            line.subscription_key = item.subscription_key
            and line.day >= item.issued_on
            and line.month_start > item.cycle_month
            and line.month_start - interval 2 month <= item.cycle_month
    group by line.month_start, item.subscription_key, item.cycle_month
),

forecast as (
    select
        line.month_start,
        line.subscription_key,
        line.pay_type,
        line.brand,
        line.plan_id,
        line.area_id,
        line.channel_type,
        line.segment_type,
        line.is_commercial,
        coalesce(bill.recurring_amt, plan.monthly_fee_amt, 0) as recurring_amt,
        line.mtd_charge_amt + coalesce(rest.rest_amt, 0) as usage_amt
    from line
    left join rest on line.month_start = rest.month_start and line.subscription_key = rest.subscription_key
    left join bill
        on line.month_start = bill.month_start and line.subscription_key = bill.subscription_key and bill.place = 1
    left join core.plan_fee as plan
        on line.plan_id = plan.plan_id and line.day >= plan.in_force_from and line.day < plan.in_force_to
),

billed as (
    select *
    from mart_revenue.subscriber_month
    where bill_items > 0
)

select
    coalesce(billed.month_start, forecast.month_start) as month_start,
    coalesce(billed.subscription_key, forecast.subscription_key) as subscription_key,
    coalesce(billed.pay_type, forecast.pay_type) as pay_type,
    coalesce(billed.brand, forecast.brand) as brand,
    coalesce(billed.plan_id, forecast.plan_id) as plan_id,
    coalesce(billed.area_id, forecast.area_id) as area_id,
    coalesce(billed.channel_type, forecast.channel_type) as channel_type,
    coalesce(billed.segment_type, forecast.segment_type) as segment_type,
    coalesce(billed.is_commercial, forecast.is_commercial) as is_commercial,
    forecast.recurring_amt,
    forecast.usage_amt,
    forecast.recurring_amt + forecast.usage_amt as forecast_amt,
    coalesce(billed.revenue_amt, 0) as revenue_amt,
    coalesce(billed.bill_items, 0) as bill_items,
    last_day(coalesce(billed.month_start, forecast.month_start)) <= getvariable('as_of') as is_closed
from forecast
full join billed on forecast.month_start = billed.month_start and forecast.subscription_key = billed.subscription_key
