/*
description: Place of each outlet among those of its city in the four rankings that raise the level of a case.
grain: [month_start, outlet_id]
public: true
columns:
  month_start: date - First day of the month judged.
  outlet_id: varchar - Outlet that activated lines in the month before.
  city_outlets: integer - Outlets of the city that did.
  growth_place: integer - Place by growth, from 1; null without a past.
  suspected_place: integer - Place by share of suspected lines; null when no line is suspected.
  away_place: integer - Place by share of lines used elsewhere; null when none is.
  commission_place: integer - Place by score of commission; null without one.
  high_places: integer - Places within the threshold, 0 to 4; 0 in a city with no more outlets than that, where everyone has one.
checks:
  - high_places between 0 and 4
*/
with

measured as (
    select
        growth.month_start,
        growth.outlet_id,
        coalesce(growth.city_area_id, 'unknown') as city_area_id,
        growth.growth_ratio,
        case when fake.pooled_suspected_lines > 0 then fake.suspected_share end as suspected_share,
        case when region.pooled_away_lines > 0 then region.away_share end as away_share,
        case when commission.score > 0 then commission.score end as commission_score
    from mart_channel.outlet_growth_month as growth
    left join mart_channel.fake_activation_month as fake
        on growth.month_start = fake.month_start and growth.outlet_id = fake.outlet_id
    left join mart_channel.cross_region_month as region
        on growth.month_start = region.month_start and growth.outlet_id = region.outlet_id
    left join mart_channel.commission_anomaly_month as commission
        on growth.month_start = commission.month_start and growth.outlet_id = commission.outlet_id
),

ranked as (
    select
        month_start,
        outlet_id,
        growth_ratio,
        suspected_share,
        away_share,
        commission_score,
        count(*) over (partition by month_start, city_area_id) as city_outlets,
        row_number() over (
            partition by month_start, city_area_id order by growth_ratio desc nulls last, outlet_id asc
        ) as growth_place,
        row_number() over (
            partition by month_start, city_area_id order by suspected_share desc nulls last, outlet_id asc
        ) as suspected_place,
        row_number() over (
            partition by month_start, city_area_id order by away_share desc nulls last, outlet_id asc
        ) as away_place,
        row_number() over (
            partition by month_start, city_area_id order by commission_score desc nulls last, outlet_id asc
        ) as commission_place
    from measured
),

placed as (
    select
        month_start,
        outlet_id,
        city_outlets,
        case when growth_ratio is not null then growth_place end as growth_place,
        case when suspected_share is not null then suspected_place end as suspected_place,
        case when away_share is not null then away_place end as away_place,
        case when commission_score is not null then commission_place end as commission_place
    from ranked
)

select
    placed.month_start,
    placed.outlet_id,
    placed.city_outlets,
    placed.growth_place,
    placed.suspected_place,
    placed.away_place,
    placed.commission_place,
    case
        when placed.city_outlets <= threshold.rank_within then 0
        else
            case when coalesce(placed.growth_place <= threshold.rank_within, false) then 1 else 0 end
            + case when coalesce(placed.suspected_place <= threshold.rank_within, false) then 1 else 0 end
            + case when coalesce(placed.away_place <= threshold.rank_within, false) then 1 else 0 end
            + case when coalesce(placed.commission_place <= threshold.rank_within, false) then 1 else 0 end
    end as high_places
from placed
cross join mart_channel.threshold as threshold
