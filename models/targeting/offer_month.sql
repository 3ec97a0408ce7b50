/*
description: >-
  The next best offers of each line, at most as many as declared - those it may have, by chance of acceptance times margin;
  none for months before a version of the rates was in force.
grain: [month_start, subscription_key, place]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
applies: models.targeting.offer.apply
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line of the commercial population in network when the month closed.
  place: integer - 1 for the best.
  offer_id: varchar - Offer.
  p_accept: decimal(9,6) - Chance that a contacted line takes it.
  basis_type: varchar - What the chance rests on - model (of who accepts the offer), cell (answers of lines alike), offer (answers to it) or other_offers.
  margin_amt: decimal(18,2) - Margin over the declared months if it is taken, less its own cost.
  expected_amt: decimal(18,2) - Chance times margin, less the cost of the contact; above zero.
  version: integer - Version of the rates.
checks:
  - p_accept between 0 and 1
  - expected_amt > 0
*/
select
    month_start,
    subscription_key,
    pay_type,
    line_type,
    plan_id,
    tenure_months,
    tenure_type,
    contract_days_left,
    is_convergent,
    overdue_amt,
    active_days,
    data_gb,
    billed_minutes,
    revenue_amt,
    offers_held
from targeting.offer_fact_month
