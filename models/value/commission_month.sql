/*
description: Commission by the month in which it was booked and what the lines it was for were when that month closed.
grain: [month_start, pay_type, brand, plan_id, area_id, channel_type, segment_type, is_commercial]
nullable: [pay_type, brand, plan_id, area_id, channel_type, segment_type]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
columns:
  month_start: date - First day of the month.
  pay_type: varchar - prepaid or postpaid; attributes are null for commission that belongs to no line known then.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  commission_amt: decimal(18,6) - Commission booked and not withheld, less what was taken back.
*/
select
    money.month_start,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    sum(money.commission_amt) as commission_amt
from value.margin_month as money
left join core.subscriber_day as line
    on last_day(money.month_start) = line.day and money.subscription_key = line.subscription_key
where money.commission_amt <> 0
group by
    money.month_start,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false)
