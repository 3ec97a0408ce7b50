/*
description: What the model's lists kept beyond their controls, in the month in which the arms were first compared; for KPIs by month.
grain: [month_start, list_id]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
optional: {churn.score_month: no lists}
reads:
  retention.list_month: 123 days
  retention.threshold: static
columns:
  month_start: date - First day of the month in which staying was verified.
  list_id: varchar - Month of the list, as in 202601.
  offer_id: varchar - Offer made; always 'any', because the desk chooses it line by line.
  treated: integer - Lines to be contacted.
  controls: integer - Lines left alone.
  stayed_treated: integer - Of the former, in network on the day of comparison.
  stayed_controls: integer - Of the latter.
  kept_lines: decimal(18,2) - Difference of the shares that stayed, over strata, times treated; null without strata that have both arms.
checks:
  - stayed_treated <= treated and stayed_controls <= controls
*/
with

listed as (
    select
        list.*,
        cast(last_day(list.month_start) + threshold.verify_days * interval 1 day as date) as verified_on
    from retention.list_month as list
    cross join retention.threshold as threshold
),

judged as (
    select
        listed.month_start as listed_month,
        listed.verified_on,
        listed.decile,
        listed.value_band,
        listed.is_control,
        coalesce(line.is_in_network, false) as has_stayed
    from listed
    left join core.subscriber_day as line
        on listed.verified_on = line.day and listed.subscription_key = line.subscription_key
    where listed.verified_on <= getvariable('as_of')
),

stratum as (
    select
        listed_month,
        verified_on,
        count(*) filter (where not is_control) as treated,
        count(*) filter (where is_control) as controls,
        count(*) filter (where not is_control and has_stayed) as stayed_treated,
        count(*) filter (where is_control and has_stayed) as stayed_controls
    from judged
    group by listed_month, verified_on, decile, value_band
)

select
    cast(date_trunc('month', verified_on) as date) as month_start,
    strftime(listed_month, '%Y%m') as list_id,
    'any' as offer_id,
    sum(treated) as treated,
    sum(controls) as controls,
    sum(stayed_treated) as stayed_treated,
    sum(stayed_controls) as stayed_controls,
    -- Weights of Mantel and Haenszel, as in retention.effect_month.
    round(
        sum(treated) * pf_div(
            round(sum(
                pf_div(treated * controls, treated + controls)
                * (pf_div(stayed_treated, treated) - pf_div(stayed_controls, controls))
            ), 9),
            round(sum(case when treated * controls > 0 then pf_div(treated * controls, treated + controls) end), 9)
        ), 2
    ) as kept_lines
from stratum
group by listed_month, verified_on
