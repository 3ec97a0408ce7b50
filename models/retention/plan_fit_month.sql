/*
description: >-
  Lines by what was known of them a month before - fee of the plan, how much of it was used, contract - and how many of
  them had gone to a cheaper plan when the month closed; the cells that the propensity to downgrade is read from.
grain: [month_start, pay_type, fee_band, use_band, was_contract_bound]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
reads:
  retention.line_plan_month: 31 days
columns:
  month_start: date - First day of the month in which plans were kept or changed.
  pay_type: varchar - prepaid or postpaid, the month before.
  fee_band: integer - Quarter of the fees of that pay type's lines, the month before; 1 is the cheapest.
  use_band: varchar - Use of the plan's allowances the month before - idle (below 30 %), part, full (above 100 %) or none (no allowance).
  was_contract_bound: boolean - Had a contract that ended later than the month before.
  lines: integer - Commercial lines of the cell, in network at the close of both months; the denominator.
  downgrades: integer - Of these, on a plan with a lower fee than the month before; the numerator.
  upgrades: integer - Of these, on a plan with a higher fee.
checks:
  - downgrades + upgrades <= lines
*/
select
    line.month_start,
    before.pay_type,
    before.fee_band,
    before.use_band,
    before.is_contract_bound as was_contract_bound,
    count(*) as lines,
    count(*) filter (where line.plan_id <> before.plan_id and line.fee_amt < before.fee_amt) as downgrades,
    count(*) filter (where line.plan_id <> before.plan_id and line.fee_amt > before.fee_amt) as upgrades
from retention.line_plan_month as line
inner join retention.line_plan_month as before
    on
        line.subscription_key = before.subscription_key
        and before.month_start = line.month_start - interval 1 month
group by
    line.month_start,
    before.pay_type,
    before.fee_band,
    before.use_band,
    before.is_contract_bound
