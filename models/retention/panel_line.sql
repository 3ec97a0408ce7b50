/*
description: Lines in network and commercial on 31 December, frozen as a panel that the next year is judged by.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 38 months
public: true
reads:
  mart_revenue.subscriber_month: 93 days
  retention.threshold: static
columns:
  month_start: date - First of December, whose end froze the panel.
  subscription_key: bigint - Subscription.
  value_band: varchar - low, mid, high or top, by mean monthly revenue of September to November.
  pay_type: varchar - prepaid or postpaid; attributes are those on 31 December.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  is_contract_bound: boolean - Has a contract that ends later.
  revenue_amt: decimal(18,2) - Revenue of December, once billed; of prepaid lines, charges as rated.
*/
with

line as (
    select
        *,
        cast(date_trunc('month', day) as date) as month_start
    from core.subscriber_day
    where extract(month from day) = 12 and day = last_day(day) and is_in_network and is_commercial
),

money as (
    select
        line.month_start,
        line.subscription_key,
        sum(
            case
                when money.month_start = line.month_start then 0
                when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt
            end
        ) / 3 as monthly_amt,
        sum(
            case
                when money.month_start < line.month_start then 0
                when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt
            end
        ) as revenue_amt
    from line
    inner join mart_revenue.subscriber_month as money
        on
            line.subscription_key = money.subscription_key
            and line.month_start >= money.month_start
            and line.month_start - interval 3 month <= money.month_start
    group by line.month_start, line.subscription_key
)

select
    line.month_start,
    line.subscription_key,
    case
        when coalesce(money.monthly_amt, 0) < threshold.mid_value_amt then 'low'
        when money.monthly_amt < threshold.high_value_amt then 'mid'
        when money.monthly_amt < threshold.top_value_amt then 'high'
        else 'top'
    end as value_band,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    line.is_commercial,
    line.is_contract_bound,
    coalesce(money.revenue_amt, 0) as revenue_amt
from line
cross join retention.threshold as threshold
left join money on line.month_start = money.month_start and line.subscription_key = money.subscription_key
