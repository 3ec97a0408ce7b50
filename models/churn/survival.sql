/*
description: >-
  How long lines stay, by plan and channel - the life table of the last closed months, each tenure's share of leavers as it is now, not
  the fate of those who joined long ago.
grain: [plan_id, channel_type, tenure_months]
public: true
columns:
  plan_id: varchar - Plan; all for every plan together.
  channel_type: varchar - Channel; all for every channel together.
  tenure_months: integer - Tenure in months of thirty days, 60 and more together.
  months: integer - Closed months that it is taken from.
  lines: bigint - Months lived by lines of that tenure.
  leavers: bigint - Of these, months in which the line left.
  hazard: decimal(9,6) - leavers / lines.
  survival: decimal(9,6) - Share of new lines that are still there after that month (Kaplan-Meier).
  survival_error: decimal(9,6) - Standard error of that share (Greenwood).
  restricted_mean_months: decimal(9,3) - Months that a new line lives of those that threshold lifetime_months says; null in shorter tables.
  gaps: integer - Tenures up to this one without any line, whose hazard counts as zero.
checks:
  - survival between 0 and 1
  - leavers <= lines
*/
with

closed as (
    select
        hazard.*,
        dense_rank() over (order by hazard.month_start desc) as ago
    from churn.hazard_month as hazard
),

pooled as (
    select
        case when grouping(plan_id) = 1 then 'all' else plan_id end as plan_id,
        case when grouping(channel_type) = 1 then 'all' else channel_type end as channel_type,
        tenure_months,
        count(distinct month_start) as months,
        sum(lines) as lines,
        sum(leavers) as leavers
    from closed
    cross join churn.threshold as threshold
    where ago <= threshold.hazard_months
    group by grouping sets (
        (plan_id, channel_type, tenure_months), (plan_id, tenure_months), (channel_type, tenure_months), (tenure_months)
    )
),

stepped as (
    select
        *,
        round(pf_div(leavers, lines), 6) as hazard,
        round(
            exp(
                sum(cast(round(ln(greatest(1 - pf_div(leavers, lines), 0.000001)), 9) as decimal(18, 9))) over upto
            ), 6
        ) as survival,
        sum(
            cast(round(pf_div(leavers, lines * greatest(lines - leavers, 1)), 12) as decimal(18, 12))
        ) over upto as greenwood,
        tenure_months + 1 - count(*) over upto as gaps
    from pooled
    window upto as (
        partition by plan_id, channel_type order by tenure_months rows between unbounded preceding and current row
    )
),

lived as (
    select
        stepped.plan_id,
        stepped.channel_type,
        1 + sum(cast(stepped.survival as decimal(18, 6))) as mean_months,
        count(*) as known_tenures
    from stepped
    cross join churn.threshold as threshold
    where stepped.tenure_months < threshold.lifetime_months - 1
    group by stepped.plan_id, stepped.channel_type
)

select
    stepped.plan_id,
    stepped.channel_type,
    stepped.tenure_months,
    stepped.months,
    stepped.lines,
    stepped.leavers,
    stepped.hazard,
    stepped.survival,
    round(stepped.survival * sqrt(cast(stepped.greenwood as double)), 6) as survival_error,
    case when lived.known_tenures = threshold.lifetime_months - 1 then lived.mean_months end as restricted_mean_months,
    stepped.gaps
from stepped
cross join churn.threshold as threshold
left join lived on stepped.plan_id = lived.plan_id and stepped.channel_type = lived.channel_type
