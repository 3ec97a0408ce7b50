/*
description: >-
  Outlets by month, judged on whether the lines they sold are used elsewhere than where they sell. Outlets that sell everywhere
  by nature, such as electronic channels and those without a known area, have no row.
grain: [month_start, outlet_id]
public: true
columns:
  month_start: date - First day of the month in which the new lines were watched; they were activated in the month before.
  outlet_id: varchar - Outlet that activated lines in the month before.
  city_area_id: varchar - City of the outlet as listed now.
  placed_lines: integer - New lines used at a known place or while roaming.
  away_county_lines: integer - Of these, with at least the threshold of their calls outside the outlet's county.
  away_city_lines: integer - Of these, with at least the threshold of their events outside the outlet's city, in the home network.
  away_province_lines: integer - Of these, with at least the threshold of their events while roaming.
  away_lines: integer - Of these, either of the last two.
  first_use_lines: integer - Lines scored in the month that had been used by then.
  first_use_days: integer - Days from activation to first use, added up over them.
  growth_ratio: decimal(18,4) - New lines over past lines, divided by the same of the city; null without a past.
  pooled_lines: integer - Placed lines of this and the months before that are judged together.
  pooled_away_lines: integer - Of these, away.
  away_share: decimal(18,4) - Share of lines away after adding the lines of an average outlet.
  level: integer - 0 to 3 by that share.
checks:
  - away_lines <= placed_lines
  - level between 0 and 3
*/
with

shop as (
    select outlet_id, county_area_id, city_area_id
    from mart_channel.outlet
    where city_area_id is not null and channel_type <> 'e_channel'
),

used as (
    select
        new_line.month_start,
        new_line.outlet_id,
        shop.city_area_id,
        place.subscription_key,
        sum(place.events) as events,
        sum(place.calls) as calls,
        sum(place.roaming_events) as roaming_events,
        sum(case when place.county_area_id <> shop.county_area_id then place.calls else 0 end) as away_county_calls,
        sum(
            case when place.city_area_id <> shop.city_area_id then place.events - place.roaming_events else 0 end
        ) as away_city_events
    from mart_channel.new_line_month as new_line
    inner join shop on new_line.outlet_id = shop.outlet_id
    inner join mart_channel.new_line_place_month as place
        on new_line.month_start = place.month_start and new_line.subscription_key = place.subscription_key
    where new_line.line_type = 'handset' and (place.city_area_id is not null or place.roaming_events > 0)
    group by new_line.month_start, new_line.outlet_id, shop.city_area_id, place.subscription_key
),

cohort as (
    select
        used.month_start,
        used.outlet_id,
        used.city_area_id,
        count(*) as placed_lines,
        count(*) filter (
            where used.calls > 0 and used.away_county_calls >= threshold.away_county_share * used.calls
        ) as away_county_lines,
        count(*) filter (where used.away_city_events >= threshold.away_city_share * used.events) as away_city_lines,
        count(*) filter (
            where used.roaming_events >= threshold.away_province_share * used.events
        ) as away_province_lines,
        count(*) filter (
            where
            used.away_city_events >= threshold.away_city_share * used.events
            or used.roaming_events >= threshold.away_province_share * used.events
        ) as away_lines
    from used
    cross join mart_channel.threshold as threshold
    group by used.month_start, used.outlet_id, used.city_area_id
),

begun as (
    select
        cast(date_trunc('month', scored_on) as date) as month_start,
        outlet_id,
        count(days_to_first_use) as first_use_lines,
        sum(days_to_first_use) as first_use_days
    from mart_channel.new_line_score
    group by cast(date_trunc('month', scored_on) as date), outlet_id
),

pooled as (
    select now.month_start, now.outlet_id, sum(past.placed_lines) as lines, sum(past.away_lines) as away_lines
    from cohort as now
    cross join mart_channel.threshold as threshold
    inner join cohort as past
        on
            now.outlet_id = past.outlet_id
            and pf_month_diff(past.month_start, now.month_start) between 0 and threshold.pooled_months - 1
    group by now.month_start, now.outlet_id
),

scored as (
    select
        cohort.*,
        coalesce(begun.first_use_lines, 0) as first_use_lines,
        coalesce(begun.first_use_days, 0) as first_use_days,
        growth.growth_ratio,
        pooled.lines as pooled_lines,
        pooled.away_lines as pooled_away_lines,
        round(pf_div(
            pooled.away_lines + threshold.prior_lines * threshold.away_prior_share,
            pooled.lines + threshold.prior_lines
        ), 4) as away_share
    from cohort
    cross join mart_channel.threshold as threshold
    inner join pooled on cohort.month_start = pooled.month_start and cohort.outlet_id = pooled.outlet_id
    inner join mart_channel.outlet_growth_month as growth
        on cohort.month_start = growth.month_start and cohort.outlet_id = growth.outlet_id
    left join begun on cohort.month_start = begun.month_start and cohort.outlet_id = begun.outlet_id
)

select
    scored.month_start,
    scored.outlet_id,
    scored.city_area_id,
    scored.placed_lines,
    scored.away_county_lines,
    scored.away_city_lines,
    scored.away_province_lines,
    scored.away_lines,
    scored.first_use_lines,
    scored.first_use_days,
    scored.growth_ratio,
    scored.pooled_lines,
    scored.pooled_away_lines,
    scored.away_share,
    case
        when scored.away_share >= threshold.away_level_3 then 3
        when scored.away_share >= threshold.away_level_2 then 2
        when scored.away_share >= threshold.away_level_1 then 1
        else 0
    end as level
from scored
cross join mart_channel.threshold as threshold
