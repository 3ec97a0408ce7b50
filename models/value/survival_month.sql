/*
description: >-
  How long lines of each pay type and tenure stay from the end of a month on, by the losses of the twelve months before:
  hazard of the next month, months expected within the horizon, and the same with later months discounted.
grain: [month_start, pay_type, tenure_months]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
applies: models.value.life.apply
reads:
  value.loss_month: 366 days
  value.threshold: static
columns:
  month_start: date - First day of the month; lines are looked at from its end on.
  pay_type: varchar - prepaid or postpaid.
  tenure_months: integer - Months since the first activation, 0 to 60, where 60 stands for all longer ones.
  at_risk: bigint - Months that lines of this tenure were at risk in the twelve months.
  lost: bigint - Of these, months in which the line went.
  hazard: decimal(9,6) - Probability of going within the next month, drawn towards that of all tenures where little was seen.
  survival: decimal(9,6) - Probability of still being there at the end of the horizon.
  expected_months: decimal(12,6) - Months stayed within the horizon, on average (restricted mean).
  discounted_months: decimal(12,6) - The same with later months discounted, which is what one a month is worth.
checks:
  - hazard between 0 and 1 and survival between 0 and 1
  - discounted_months <= expected_months
*/
with

-- A month counts in its own table and in those of the eleven after it.
target as (
    select distinct month_start
    from value.loss_month
)

select
    target.month_start,
    loss.pay_type,
    loss.tenure_months,
    cast(sum(loss.at_risk) as bigint) as at_risk,
    cast(sum(loss.lost) as bigint) as lost,
    max(threshold.discount_rate) as discount_rate,
    max(threshold.horizon_months) as horizon_months,
    max(threshold.hazard_prior) as hazard_prior
from target
inner join value.loss_month as loss
    on target.month_start >= loss.month_start and loss.month_start > target.month_start - interval 12 month
cross join value.threshold as threshold
group by target.month_start, loss.pay_type, loss.tenure_months
order by target.month_start, loss.pay_type, loss.tenure_months
