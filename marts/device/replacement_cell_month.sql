/*
description: >-
  How often lines replaced their handset, by what was known of them the month before - age of the handset, tenure, bill and
  past changes.
grain: [month_start, device_age_from_months, tenure_from_months, arpu_band, past_replacements]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
reads:
  mart_device.line_month: 31 days
  mart_revenue.subscriber_month: 93 days
  mart_device.threshold: static
columns:
  month_start: date - First day of the month in which the handset was replaced or kept.
  device_age_from_months: integer - Months that the handset had been seen with the line, the month before; least of the band.
  tenure_from_months: integer - Months since the first activation, the month before; least of the band, the last one is open.
  arpu_band: varchar - Mean bill of the three months that were over then - none, low, mid or high.
  past_replacements: integer - Replacements in the twelve months before; the highest value stands for more too.
  lines: integer - Lines of the cell with a primary handset in both months; the denominator.
  replaced_lines: integer - Of these, with another handset; the numerator.
  month_lines: integer - Lines of all cells of the month.
  month_replaced_lines: integer - Replaced ones of all cells of the month.
  replaced_share: decimal(7,6) - Replaced lines by lines.
  propensity: decimal(7,6) - The share drawn to that of the month, as if so many average lines more were in the cell as the threshold says.
checks:
  - replaced_lines <= lines
  - propensity between 0 and 1
*/
with

billed as (
    select
        cast(money.month_start + shift.months * interval 1 month as date) as month_start,
        money.subscription_key,
        sum(money.revenue_amt) / 3 as arpu_amt
    from mart_revenue.subscriber_month as money
    cross join (values (1), (2), (3)) as shift (months)
    group by cast(money.month_start + shift.months * interval 1 month as date), money.subscription_key
),

line as (
    select
        line.month_start,
        line.is_replaced,
        cast(floor(pf_div(before.device_age_months, threshold.device_age_band_months)) as integer)
        * threshold.device_age_band_months as device_age_from_months,
        least(
            cast(floor(pf_div(before.tenure_months, threshold.tenure_band_months)) as integer)
            * threshold.tenure_band_months,
            threshold.tenure_top_months
        ) as tenure_from_months,
        case
            when coalesce(billed.arpu_amt, 0) <= 0 then 'none' when billed.arpu_amt < threshold.mid_arpu_amt then 'low'
            when billed.arpu_amt < threshold.high_arpu_amt then 'mid' else 'high'
        end as arpu_band,
        least(before.replacements_12_months, threshold.past_replacements_top) as past_replacements,
        threshold.shrink_lines
    from mart_device.line_month as line
    inner join mart_device.line_month as before
        on
            line.subscription_key = before.subscription_key
            and before.month_start = line.month_start - interval 1 month
    left join billed
        on line.subscription_key = billed.subscription_key and line.month_start = billed.month_start
    cross join mart_device.threshold as threshold
    where line.is_device_known_before and line.is_commercial
),

cell as (
    select
        month_start,
        device_age_from_months,
        tenure_from_months,
        arpu_band,
        past_replacements,
        count(*) as lines,
        count(*) filter (where is_replaced) as replaced_lines,
        max(shrink_lines) as shrink_lines
    from line
    group by month_start, device_age_from_months, tenure_from_months, arpu_band, past_replacements
),

month as (
    select
        *,
        sum(lines) over (partition by month_start) as month_lines,
        sum(replaced_lines) over (partition by month_start) as month_replaced_lines
    from cell
)

select
    month_start,
    device_age_from_months,
    tenure_from_months,
    arpu_band,
    past_replacements,
    lines,
    replaced_lines,
    month_lines,
    month_replaced_lines,
    cast(round(pf_div(replaced_lines, lines), 6) as decimal(7, 6)) as replaced_share,
    cast(round(pf_div(
        replaced_lines + shrink_lines * pf_div(month_replaced_lines, month_lines), lines + shrink_lines
    ), 6) as decimal(7, 6)) as propensity
from month
