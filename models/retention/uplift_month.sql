/*
description: >-
  How much being on a list is expected to raise each line's chance of staying, as seen at a month's end by a learner of
  whom contact moves; no rows where the version in force ranks by churn risk times value.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
scope: subscription_key
open_month: false
public: true
applies: models.retention.mover.apply
requires: [churn.score_month]
portable: no - hands whole rows of features to a function
columns:
  month_start: date - First day of the month whose end is T.
  subscription_key: bigint - Subscription.
  version: integer - Version of `bassline retention fit`, see its card.
  method: varchar - t_learner or x_learner.
  kept_share: decimal(9,6) - Chance of staying if it is on the list less that if it is not; below zero for a line that contact drives away.
checks:
  - kept_share between -1 and 1
*/
select line as features
from churn.feature_month as line  -- noqa: AL05
