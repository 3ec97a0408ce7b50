/*
description: >-
  Risk of leaving of each line as seen at T, the close of the month's last day, with the reasons that weigh most; by the newest model
  that was in force on that day, and nothing before the first one.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
scope: subscription_key
open_month: false
public: true
applies: models.churn.score.apply
portable: no - hands whole rows of features to a function
columns:
  month_start: date - First day of the month whose end is T.
  subscription_key: bigint - Subscription.
  version: integer - Version of the model, see its model card.
  probability: decimal(9,6) - Probability of leaving within the horizon after the gap, see churn.definition; calibrated, 0 to 1.
  decile: integer - Tenth of the lines that the model was trained on in which the probability falls, 1 for the riskiest.
  reason_1: varchar - What raises the risk of this line most against the average, in words; null when nothing does.
  reason_2: varchar - The next one.
  reason_3: varchar - The third one.
checks:
  - probability between 0 and 1
  - decile between 1 and 10
*/
select line as features
from churn.feature_month as line  -- noqa: AL05
