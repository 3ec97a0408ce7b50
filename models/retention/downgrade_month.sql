/*
description: >-
  How likely each line is to go to a cheaper plan within a month, from what lines like it did in the months before, and
  whether it is leaving silently - three months of hardly any use, and spend down by more than 30 %.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
reads:
  retention.plan_fit_month: 335 days
  retention.threshold: static
columns:
  month_start: date - First day of the month whose end is the scoring date.
  subscription_key: bigint - Subscription, in network and commercial when the month closed.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  cell_downgrades: integer - Downgrades of lines of the same pay type, fee, use and contract in the months up to this one; the numerator.
  cell_lines: integer - Such lines in these months, each once a month; the denominator.
  base_downgrades: integer - Downgrades of all lines in these months.
  base_lines: integer - All lines in these months.
  propensity: decimal(9,6) - Probability of a downgrade in the 30 days after the month - the cell's share drawn to that of all; null without history.
  is_downgrade_told: boolean - The propensity is so many times that of all lines as the threshold says.
  active_days_3_months: integer - Days with any use in the three months up to this one.
  revenue_3_months_amt: decimal(18,2) - Revenue of the three months before this one.
  revenue_before_amt: decimal(18,2) - Revenue of the three months before those; null when not all were the line's.
  is_silent_loss: boolean - In network for three months with hardly any use, and spend fallen by more than 30 %.
checks:
  - propensity is null or propensity between 0 and 1
  - cell_downgrades <= cell_lines and cell_lines <= base_lines
*/
with

month as (
    select month_start from retention.line_plan_month
    group by month_start
),

counted as (
    select
        month.month_start,
        fit.pay_type,
        fit.fee_band,
        fit.use_band,
        fit.was_contract_bound,
        sum(fit.lines) as lines,
        sum(fit.downgrades) as downgrades
    from month
    cross join retention.threshold as threshold
    inner join retention.plan_fit_month as fit
        on
            month.month_start >= fit.month_start
            and pf_month_diff(fit.month_start, month.month_start) < threshold.downgrade_months
    group by month.month_start, fit.pay_type, fit.fee_band, fit.use_band, fit.was_contract_bound
),

cell as (
    select
        *,
        sum(lines) over (partition by month_start) as base_lines,
        sum(downgrades) over (partition by month_start) as base_downgrades
    from counted
),

base as (
    select
        month_start,
        max(base_lines) as base_lines,
        max(base_downgrades) as base_downgrades
    from cell
    group by month_start
),

scored as (
    select
        line.*,
        coalesce(cell.downgrades, 0) as cell_downgrades,
        coalesce(cell.lines, 0) as cell_lines,
        coalesce(base.base_downgrades, 0) as base_downgrades,
        coalesce(base.base_lines, 0) as base_lines,
        pf_div(base.base_downgrades, base.base_lines) as base_share,
        pf_div(
            coalesce(cell.downgrades, 0)
            + threshold.downgrade_shrink_lines * pf_div(base.base_downgrades, base.base_lines),
            coalesce(cell.lines, 0) + threshold.downgrade_shrink_lines
        ) as share,
        threshold.downgrade_lift,
        threshold.silent_active_days,
        threshold.silent_spend_share
    from retention.line_plan_month as line
    cross join retention.threshold as threshold
    left join base on line.month_start = base.month_start
    left join cell
        on
            line.month_start = cell.month_start
            and line.pay_type = cell.pay_type
            and line.fee_band = cell.fee_band
            and line.use_band = cell.use_band
            and line.is_contract_bound = cell.was_contract_bound
)

select
    month_start,
    subscription_key,
    pay_type,
    brand,
    plan_id,
    area_id,
    channel_type,
    segment_type,
    is_commercial,
    cell_downgrades,
    cell_lines,
    base_downgrades,
    base_lines,
    cast(round(share, 6) as decimal(9, 6)) as propensity,
    coalesce(base_share > 0 and round(share, 6) >= round(downgrade_lift * base_share, 6), false) as is_downgrade_told,
    active_days_3_months,
    revenue_3_months_amt,
    case when months_before = 3 then revenue_before_amt end as revenue_before_amt,
    coalesce(
        months_known = 3
        and active_days_3_months < silent_active_days
        and months_before = 3
        and revenue_before_amt > 0
        and revenue_3_months_amt <= silent_spend_share * revenue_before_amt, false
    ) as is_silent_loss
from scored
