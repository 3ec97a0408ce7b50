/*
description: Outlets by closed month, judged on whether their commission grew without reason.
grain: [month_start, outlet_id]
public: true
columns:
  month_start: date - First day of the month in which the commission was booked.
  outlet_id: varchar - Outlet that earned it.
  city_area_id: varchar - City of the outlet at the end of the month; null when unknown.
  commission_amt: decimal(18,2) - Commission booked as paid.
  commission_lines: integer - Lines that earned it.
  past_months: integer - Months before that it is compared with, as many as the threshold and as history has.
  past_commission_amt: decimal(18,2) - Commission of these months.
  past_commission_lines: integer - Lines that earned it, added up over these months.
  commission_ratio: decimal(18,4) - Commission over its monthly mean before; null without a past.
  lines_ratio: decimal(18,4) - The same of lines.
  per_line_ratio: decimal(18,4) - The same of commission per line.
  repeated_lines: integer - Lines with more bookings in the month than the threshold.
  second_tranches: integer - Second tranches booked.
  second_tranches_zero: integer - Of these, withheld or of no amount.
  third_tranches: integer - Third tranches booked.
  third_tranches_zero: integer - Of these, withheld or of no amount.
  is_entered: boolean - The ratio of commission is above the threshold, where the book begins to look, and its past is long and large enough.
  score: decimal(18,4) - Score, whether the outlet entered or not.
  level: integer - 0 to 3 by the score, for outlets that entered; 0 for others.
checks:
  - level between 0 and 3
*/
with

month as (
    select * from mart_channel.outlet_month
    where is_closed
),

history as (
    select min(month_start) as first_month from month
),

past as (
    select
        now.month_start,
        now.outlet_id,
        sum(before.commission_amt) as commission_amt,
        sum(before.commission_lines) as commission_lines
    from month as now
    cross join mart_channel.threshold as threshold
    inner join month as before
        on
            now.outlet_id = before.outlet_id
            and pf_month_diff(before.month_start, now.month_start) between 1 and threshold.growth_months
    group by now.month_start, now.outlet_id
),

compared as (
    select
        month.*,
        least(threshold.growth_months, pf_month_diff(history.first_month, month.month_start)) as past_months,
        past.commission_amt as past_commission_amt,
        past.commission_lines as past_commission_lines,
        threshold.growth_months,
        threshold.commission_past_lines,
        threshold.commission_entry_ratio
    from month
    cross join history
    cross join mart_channel.threshold as threshold
    left join past on month.month_start = past.month_start and month.outlet_id = past.outlet_id
    where month.commission_amt > 0
),

ratio as (
    select
        *,
        round(pf_div(commission_amt * past_months, past_commission_amt), 4) as commission_ratio,
        round(pf_div(commission_lines * past_months, past_commission_lines), 4) as lines_ratio,
        round(
            pf_div(cast(commission_amt as double) * past_commission_lines, past_commission_amt * commission_lines), 4
        ) as per_line_ratio
    from compared
),

scored as (
    select
        ratio.*,
        coalesce(
            ratio.commission_ratio > ratio.commission_entry_ratio
            and ratio.past_months = ratio.growth_months
            and ratio.past_commission_lines >= ratio.commission_past_lines, false
        ) as is_entered,
        round(
            greatest(coalesce(ratio.commission_ratio, 1) - 1, 0) * threshold.commission_growth_weight
            + greatest(coalesce(ratio.lines_ratio, 1) - 1, 0) * threshold.lines_growth_weight
            + greatest(coalesce(ratio.per_line_ratio, 1) - 1, 0) * threshold.per_line_growth_weight
            + 100 * coalesce(pf_div(ratio.repeated_lines, ratio.commission_lines), 0)
            / threshold.repeat_per * threshold.repeat_weight
            + 100 * coalesce(pf_div(ratio.second_tranches_zero, ratio.second_tranches), 0)
            / threshold.zero_second_per * threshold.zero_second_weight
            + 100 * coalesce(pf_div(ratio.third_tranches_zero, ratio.third_tranches), 0)
            / threshold.zero_third_per * threshold.zero_third_weight, 4
        ) as score
    from ratio
    cross join mart_channel.threshold as threshold
)

select
    scored.month_start,
    scored.outlet_id,
    scored.city_area_id,
    scored.commission_amt,
    scored.commission_lines,
    scored.past_months,
    coalesce(scored.past_commission_amt, 0) as past_commission_amt,
    coalesce(scored.past_commission_lines, 0) as past_commission_lines,
    scored.commission_ratio,
    scored.lines_ratio,
    scored.per_line_ratio,
    scored.repeated_lines,
    scored.second_tranches,
    scored.second_tranches_zero,
    scored.third_tranches,
    scored.third_tranches_zero,
    scored.is_entered,
    scored.score,
    case
        when not scored.is_entered then 0
        when scored.score >= threshold.commission_level_3 then 3
        when scored.score >= threshold.commission_level_2 then 2
        when scored.score >= threshold.commission_level_1 then 1
        else 0
    end as level
from scored
cross join mart_channel.threshold as threshold
