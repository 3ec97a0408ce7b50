/*
description: >-
  Lines whose contract was to end in the month, as it stood when the first warning of it was due - three months' ends
  before - and whether they were bound anew when it closed.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
reads: {churn.line_month: 92 days}
columns:
  month_start: date - First day of the month in which the contract was to end.
  subscription_key: bigint - Subscription.
  contract_end_on: date - Last day of the contract, as it stood then.
  has_renewed: boolean - In network when the month closed, with a contract that ends later; signed early or at the end.
  has_stayed: boolean - In network when the month closed.
  pay_type: varchar - prepaid or postpaid; attributes are those of three months' ends before.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population; as all lines looked at.
checks:
  - has_stayed or not has_renewed
*/
with

month as (
    select month_start
    from churn.line_month
    group by month_start
),

ending as (
    select
        *,
        cast(last_day(month_start) + contract_days_left as date) as contract_end_on,
        cast(month_start + interval 3 month as date) as end_month_start
    from churn.line_month
    where contract_days_left between 32 and 95
)

select
    month.month_start,
    ending.subscription_key,
    ending.contract_end_on,
    coalesce(line.contract_days_left > 0, false) as has_renewed,
    line.subscription_key is not null as has_stayed,
    ending.pay_type,
    ending.brand,
    ending.plan_id,
    ending.area_id,
    ending.channel_type,
    ending.segment_type,
    true as is_commercial
from ending
inner join month on ending.end_month_start = month.month_start
left join churn.line_month as line
    on month.month_start = line.month_start and ending.subscription_key = line.subscription_key
where date_trunc('month', ending.contract_end_on) = month.month_start
