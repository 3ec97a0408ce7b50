/*
description: >-
  Plans whose fee changed under the same version, and how many of their lines left in the months before and after, beside
  all other plans of the same kind of payment; a comparison without lots, so no proof of cause.
grain: [plan_id, plan_version, changed_on, months_since]
public: true
requires: [kpi.value_month]
columns:
  plan_id: varchar - Plan.
  plan_version: integer - Version that stayed the same.
  changed_on: date - Day on which the catalogue first told the new fee.
  fee_before_amt: decimal(18,2) - Monthly fee before.
  fee_after_amt: decimal(18,2) - Monthly fee after.
  months_since: integer - Months since that of the change; 0 is its own month, negative ones are before.
  month_start: date - The month.
  opening_lines: decimal(38,6) - Lines of the plan when the month opened.
  leavers: decimal(38,6) - Of the plan, lines that left in the month.
  other_opening_lines: decimal(38,6) - Lines of other plans of the kind.
  other_leavers: decimal(38,6) - Of these, lines that left.
  leaving_share: decimal(9,6) - leavers / opening_lines; null without lines.
  other_leaving_share: decimal(9,6) - other_leavers / other_opening_lines.
*/
with

told as (
    select
        plan_id,
        plan_version,
        pay_type,
        known_on,
        monthly_fee_amt,
        lag(monthly_fee_amt) over (
            partition by plan_id, plan_version order by known_on, delivery_id, row_no
        ) as fee_before_amt
    from stg_catalogue.plan_version
    where superseded_on is null
),

changed as (
    select
        plan_id,
        plan_version,
        pay_type,
        known_on as changed_on,
        cast(date_trunc('month', known_on) as date) as changed_month,
        fee_before_amt,
        monthly_fee_amt as fee_after_amt
    from told
    where fee_before_amt <> monthly_fee_amt
),

counted as (
    select
        value_month.period_start as month_start,
        value_month.dimension_1 as plan_id,
        max(case when value_month.kpi_id = 'opening_subscribers' then value_month.numerator end) as opening_lines,
        max(case when value_month.kpi_id = 'churned_subscribers' then value_month.numerator end) as leavers
    from kpi.value_month
    where
        value_month.dimension_set = 'plan'
        and value_month.is_complete
        and value_month.kpi_id in ('opening_subscribers', 'churned_subscribers')
    group by value_month.period_start, value_month.dimension_1
),

kind_of as (
    select
        plan_id,
        max(pay_type) as pay_type
    from core.dim_plan
    group by plan_id
),

followed as (
    select
        changed.plan_id,
        changed.plan_version,
        changed.changed_on,
        changed.fee_before_amt,
        changed.fee_after_amt,
        pf_month_diff(changed.changed_month, counted.month_start) as months_since,
        counted.month_start,
        sum(case when counted.plan_id = changed.plan_id then counted.opening_lines end) as opening_lines,
        sum(case when counted.plan_id = changed.plan_id then counted.leavers end) as leavers,
        sum(case when counted.plan_id <> changed.plan_id then counted.opening_lines end) as other_opening_lines,
        sum(case when counted.plan_id <> changed.plan_id then counted.leavers end) as other_leavers
    from changed
    cross join mart_topics.threshold as threshold
    inner join kind_of on changed.pay_type = kind_of.pay_type
    inner join counted
        on
            kind_of.plan_id = counted.plan_id
            and pf_month_diff(changed.changed_month, counted.month_start)
            between -threshold.price_months and threshold.price_months
    group by
        changed.plan_id,
        changed.plan_version,
        changed.changed_on,
        changed.fee_before_amt,
        changed.fee_after_amt,
        pf_month_diff(changed.changed_month, counted.month_start),
        counted.month_start
)

select
    plan_id,
    plan_version,
    changed_on,
    fee_before_amt,
    fee_after_amt,
    months_since,
    month_start,
    opening_lines,
    leavers,
    other_opening_lines,
    other_leavers,
    round(pf_div(leavers, opening_lines), 6) as leaving_share,
    round(pf_div(other_leavers, other_opening_lines), 6) as other_leaving_share
from followed
