/*
description: Scored lines and whether their probability of leaving is one to warn of, on a list or not, controls included.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
scope: subscription_key
public: true
optional: {churn.score_month: nobody is scored}
reads: {retention.threshold: static}
columns:
  month_start: date - First day of the month whose end is T.
  subscription_key: bigint - Subscription.
  probability: decimal(9,6) - Probability of leaving as published at T, see churn.score_month.
  is_warned: boolean - At least the probability that the threshold says.
  pay_type: varchar - prepaid or postpaid; attributes are those at T.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population; as all lines that are scored.
*/
select
    score.month_start,
    score.subscription_key,
    score.probability,
    score.probability >= threshold.warn_probability as is_warned,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    true as is_commercial
from churn.score_month as score
cross join retention.threshold as threshold
inner join churn.line_month as line
    on score.month_start = line.month_start and score.subscription_key = line.subscription_key
