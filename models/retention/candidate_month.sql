/*
description: Lines that could be contacted at a month's end, with churn probability and what they bring; input of the list.
grain: [month_start, subscription_key]
refresh: view
partition: month_start
requires: [churn.score_month]
reads:
  mart_revenue.subscriber_month: 93 days
  retention.threshold: static
columns:
  month_start: date - First day of the month whose end is the scoring date.
  subscription_key: bigint - Subscription in network and commercial when the month closed.
  probability: decimal(9,6) - Probability of leaving within the horizon of the churn model.
  decile: integer - Decile of it, as the churn model tells.
  value_band: varchar - low, mid, high or top, by mean monthly revenue.
  monthly_amt: decimal(18,2) - Mean monthly revenue of the three months before, which are billed; of prepaid lines, charges as rated.
  kept_share: decimal(9,6) - What a learner expects of being on the list, see retention.uplift_month; null without one.
  method: varchar - That learner; null without one.
*/
with

billed as (
    select
        cast(money.month_start + shift.months * interval 1 month as date) as month_start,
        money.subscription_key,
        sum(case when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt end) / 3 as monthly_amt
    from mart_revenue.subscriber_month as money
    cross join (values (1), (2), (3)) as shift (months)
    group by cast(money.month_start + shift.months * interval 1 month as date), money.subscription_key
),

line as (
    select
        score.month_start,
        score.subscription_key,
        score.probability,
        score.decile,
        cast(round(greatest(coalesce(billed.monthly_amt, 0), 0), 2) as decimal(18, 2)) as monthly_amt
    from churn.score_month as score
    inner join mart_usage.subscriber_month as line
        on score.month_start = line.month_start and score.subscription_key = line.subscription_key
    left join billed on score.month_start = billed.month_start and score.subscription_key = billed.subscription_key
    where line.is_in_network and line.is_commercial
)

select
    line.month_start,
    line.subscription_key,
    line.probability,
    line.decile,
    case
        when line.monthly_amt < threshold.mid_value_amt then 'low'
        when line.monthly_amt < threshold.high_value_amt then 'mid'
        when line.monthly_amt < threshold.top_value_amt then 'high'
        else 'top'
    end as value_band,
    line.monthly_amt,
    moved.kept_share,
    moved.method
from line
cross join retention.threshold as threshold
left join retention.uplift_month as moved
    on line.month_start = moved.month_start and line.subscription_key = moved.subscription_key
