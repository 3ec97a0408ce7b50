/*
description: >-
  How much faster lines leave after a complaint than lines without one, by reason and by whether it was resolved, over
  the last closed months; an association, which a resolved complaint of a content customer may owe to the customer.
grain: [reason_group, resolution_type]
public: true
columns:
  reason_group: varchar - Reason of the complaint; 'all' for all of them.
  resolution_type: varchar - resolved or unresolved when the month opened.
  months: integer - Closed months counted.
  lines: bigint - Line-months after such a complaint.
  leavers: bigint - Of these, the line left in the month.
  base_lines: bigint - Line-months without any complaint in the same months.
  base_leavers: bigint - Of these, the line left.
  leaving_share: decimal(9,6) - leavers / lines.
  base_leaving_share: decimal(9,6) - base_leavers / base_lines; null without such lines.
  hazard_ratio: decimal(18,4) - Rate of leaving against that without a complaint, months as strata; null without leavers on either side.
  hazard_ratio_low: decimal(18,4) - Lower end of its confidence interval.
  hazard_ratio_high: decimal(18,4) - Upper end of its confidence interval.
  stayers: bigint - Lines that stand there in the newest closed month and have not left.
  revenue_at_risk_amt: decimal(18,2) - Revenue of the stayers in the month before, whose bill is in; billed, of prepaid lines as rated.
  lost_revenue_amt: decimal(18,2) - Revenue of the leavers of all months, each in the month before it left.
checks:
  - leavers <= lines
  - hazard_ratio is null or hazard_ratio between hazard_ratio_low and hazard_ratio_high
*/
-- Mantel-Haenszel rate ratio over months with the variance of Greenland and Robins (Biometrics 41, 1985, 55-68): time at
-- risk is a month per line, half a month per leaver. No hazard is assumed constant but that within a month.
with

newest as (
    select max(month_start) as month_start from mart_service.complaint_month
),

counted as (
    select
        month.*,
        month.lines - month.leavers / 2.0 as exposure
    from mart_service.complaint_month as month
    cross join newest
    cross join mart_service.threshold as threshold
    where pf_month_diff(month.month_start, newest.month_start) < threshold.hazard_months
),

base as (
    select month_start, lines, leavers, exposure
    from counted
    where resolution_type = 'none'
),

followed as (
    select
        case when each.is_all then 'all' else counted.reason_group end as reason_group,
        counted.resolution_type,
        counted.month_start,
        sum(counted.lines) as lines,
        sum(counted.leavers) as leavers,
        sum(counted.exposure) as exposure
    from counted
    cross join (values (true), (false)) as each (is_all)
    where counted.resolution_type <> 'none'
    group by
        case when each.is_all then 'all' else counted.reason_group end,
        counted.resolution_type,
        counted.month_start
),

stratum as (
    select
        followed.*,
        base.lines as base_lines,
        base.leavers as base_leavers,
        cast(pf_div(followed.leavers * base.exposure, followed.exposure + base.exposure) as decimal(38, 12)) as above,
        cast(pf_div(base.leavers * followed.exposure, followed.exposure + base.exposure) as decimal(38, 12)) as below,
        cast(
            pf_div(
                (followed.leavers + base.leavers) * followed.exposure * base.exposure,
                (followed.exposure + base.exposure) * (followed.exposure + base.exposure)
            ) as decimal(38, 12)
        ) as spread
    from followed
    left join base on followed.month_start = base.month_start
),

pooled as (
    select
        reason_group,
        resolution_type,
        count(*) as months,
        sum(lines) as lines,
        sum(leavers) as leavers,
        sum(base_lines) as base_lines,
        sum(base_leavers) as base_leavers,
        pf_div(nullif(sum(above), 0), sum(below)) as ratio,
        sqrt(pf_div(sum(spread), nullif(sum(above), 0) * sum(below))) as ratio_error
    from stratum
    group by reason_group, resolution_type
),

stake as (
    select
        case when each.is_all then 'all' else line.reason_group end as reason_group,
        line.resolution_type,
        sum(case when line.month_start = newest.month_start and not line.has_left then 1 else 0 end) as stayers,
        sum(
            case
                when line.month_start = newest.month_start and not line.has_left
                    then case when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt end
            end
        ) as risk_amt,
        sum(
            case
                when line.has_left
                    then case when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt end
            end
        ) as lost_amt
    from mart_service.complaint_line as line
    cross join newest
    cross join mart_service.threshold as threshold
    cross join (values (true), (false)) as each (is_all)
    left join mart_revenue.subscriber_month as money
        on
            line.subscription_key = money.subscription_key
            and money.month_start = cast(line.month_start - interval 1 month as date)
    where pf_month_diff(line.month_start, newest.month_start) < threshold.hazard_months
    group by case when each.is_all then 'all' else line.reason_group end, line.resolution_type
)

select
    pooled.reason_group,
    pooled.resolution_type,
    pooled.months,
    pooled.lines,
    pooled.leavers,
    pooled.base_lines,
    pooled.base_leavers,
    round(pf_div(pooled.leavers, pooled.lines), 6) as leaving_share,
    round(pf_div(pooled.base_leavers, pooled.base_lines), 6) as base_leaving_share,
    round(pooled.ratio, 4) as hazard_ratio,
    round(pooled.ratio * exp(-threshold.confidence_z * pooled.ratio_error), 4) as hazard_ratio_low,
    round(pooled.ratio * exp(threshold.confidence_z * pooled.ratio_error), 4) as hazard_ratio_high,
    stake.stayers,
    coalesce(stake.risk_amt, 0) as revenue_at_risk_amt,
    coalesce(stake.lost_amt, 0) as lost_revenue_amt
from pooled
inner join stake
    on pooled.reason_group = stake.reason_group and pooled.resolution_type = stake.resolution_type
cross join mart_service.threshold as threshold
