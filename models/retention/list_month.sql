/*
description: >-
  Lines chosen at a month's end to be contacted, best first, as many as make the expected profit highest, and the controls
  among them that are left alone by lot. What each value costs and brings is in models/retention/economics.yaml.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
applies: models.retention.listing.apply
columns:
  month_start: date - First day of the month whose end froze the list.
  subscription_key: bigint - Subscription.
  probability: decimal(9,6) - Churn probability.
  decile: integer - Decile of it among all lines.
  value_band: varchar - low, mid, high or top, by mean monthly revenue.
  monthly_amt: decimal(18,2) - Mean monthly revenue of the three months before.
  kept_share: decimal(9,6) - Expected rise of the chance of staying by being on the list - risk x uplift x acceptance, the risk being that of leaving while contact acts; where a learner is in force, what that says of the line, at most the risk.
  method: varchar - risk, or the learner that is in force; a fitted version says why.
  value_amt: decimal(18,2) - What the line brings if it is kept - margin of the months that it then stays, discounted.
  uplift_share: decimal(9,6) - Of leavers that accept, the share that then stays; measured where `version` is filled, else declared.
  accept_share: decimal(9,6) - Of lines contacted, the share that accepts; likewise.
  cost_amt: decimal(18,2) - Expected cost of contact and offer.
  version: integer - Fitted version of uplift and acceptance; null while both are as declared.
  place: integer - Place on the list, 1 is best.
  is_control: boolean - Left alone by lot; never becomes a task.
  expected_profit_amt: decimal(18,6) - kept_share x value, less cost.
checks:
  - expected_profit_amt > 0
  - place >= 1
*/
select
    month_start,
    subscription_key,
    probability,
    decile,
    value_band,
    monthly_amt,
    kept_share,
    method
from retention.candidate_month
