/*
description: Expected profit of a month's list by its length, the length that was chosen, and why it ends there.
grain: [month_start, lines]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
applies: models.retention.listing.curve
columns:
  month_start: date - First day of the month whose end froze the list.
  lines: bigint - Lines on the list, of the best ones.
  expected_profit_amt: decimal(18,6) - Expected profit of a list of that length.
  cost_amt: decimal(18,6) - Its expected cost.
  is_within_limits: boolean - Budget and capacity allow it.
  is_chosen: boolean - The length of the list; exactly one a month.
  reason: varchar - Why the list ends there; null but for the chosen length.
checks:
  - is_chosen = (reason is not null)
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
