/*
description: How much a line moves about and where it is at home, by month and part of week and day, from where it called and wrote.
grain: [month_start, subscription_key, week_part, day_part]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: false
optional: {stg_network.cell: there is no radius of gyration}
reads:
  core.dim_cell: static
  mart_behaviour.part: static
  mart_behaviour.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  week_part: varchar - all, weekday or weekend; parts without any place have no row.
  day_part: varchar - all, day or night (19:00 to 07:00).
  half_hours: integer - Half-hours with a known place, the basis of the rest (bandicoot's bins of 30 minutes).
  antennas: integer - Different cells in the part and month (number_of_antennas).
  antenna_entropy: decimal(9,6) - Shannon entropy of the cells' shares in the half-hours, natural logarithm (entropy_of_antennas).
  frequent_antennas: integer - Cells, the most used first, that account for 80 % of the half-hours, rounded up (frequent_antennas).
  home_cell_id: integer - Cell of most half-hours at night in the month; of equally many the one used first, then the lowest; null without nights.
  home_half_hours: integer - Half-hours at home; null without a home.
  home_share: decimal(9,6) - Half-hours at home over all, 0 to 1 (percent_at_home); null without a home.
  placed_half_hours: integer - Half-hours in cells whose coordinates are known.
  gyration_km: decimal(12,3) - Radius of gyration round the mean of the places, weighted by half-hours (radius_of_gyration); null without coordinates.
checks:
  - antennas between 1 and half_hours
  - frequent_antennas between 1 and antennas
  - placed_half_hours between 0 and half_hours
*/
with

place as (
    select
        cast(date_trunc('month', used.day) as date) as month_start,
        used.subscription_key,
        used.cell_id,
        used.is_weekend,
        used.is_night,
        cell.latitude,
        cell.longitude,
        sum(used.half_hours) as half_hours,
        min(used.day) as first_on
    from mart_behaviour.place_day as used
    left join core.dim_cell as cell
        on
            used.cell_id = cell.cell_id
            and used.day >= cell.valid_from
            and used.day < coalesce(cell.valid_to, date '9999-12-31')
    group by
        month_start, used.subscription_key, used.cell_id, used.is_weekend, used.is_night, cell.latitude, cell.longitude
),

slept as (
    select
        month_start,
        subscription_key,
        cell_id,
        row_number() over (
            partition by month_start, subscription_key order by sum(half_hours) desc, min(first_on) asc, cell_id asc
        ) as place
    from place
    where is_night
    group by month_start, subscription_key, cell_id
),

visit as (
    select
        place.month_start,
        place.subscription_key,
        part.week_part,
        part.day_part,
        place.cell_id,
        place.latitude,
        place.longitude,
        sum(place.half_hours) as half_hours
    from place
    inner join mart_behaviour.part as part on place.is_weekend = part.is_weekend and place.is_night = part.is_night
    group by
        place.month_start, place.subscription_key, part.week_part, part.day_part, place.cell_id, place.latitude,
        place.longitude
),

cell as (
    select
        month_start, subscription_key, week_part, day_part, cell_id, sum(half_hours) as half_hours,
        sum(sum(half_hours)) over (partition by month_start, subscription_key, week_part, day_part) as total,
        sum(sum(half_hours)) over (
            partition by month_start, subscription_key, week_part, day_part order by sum(half_hours) desc, cell_id asc
            rows between unbounded preceding and current row
        ) as so_far
    from visit
    group by month_start, subscription_key, week_part, day_part, cell_id
),

spread as (
    select
        cell.month_start, cell.subscription_key, cell.week_part, cell.day_part, max(home.cell_id) as home_cell_id,
        sum(cell.half_hours) as half_hours,
        count(*) as antennas,
        round(
            ln(sum(cell.half_hours)) - sum(cell.half_hours * ln(cell.half_hours)) / nullif(sum(cell.half_hours), 0), 6
        ) as antenna_entropy,
        count(*) filter (
            where cell.so_far - cell.half_hours < ceil(threshold.pareto_share * cell.total)
        ) as frequent_antennas,
        coalesce(sum(cell.half_hours) filter (where cell.cell_id = home.cell_id), 0) as home_half_hours
    from cell
    left join slept as home
        on cell.month_start = home.month_start and cell.subscription_key = home.subscription_key and home.place = 1
    cross join mart_behaviour.threshold as threshold
    group by cell.month_start, cell.subscription_key, cell.week_part, cell.day_part
),

centre as (
    select
        month_start, subscription_key, week_part, day_part, sum(half_hours) as half_hours,
        round(pf_div(sum(half_hours * latitude), sum(half_hours)), 9) as latitude,
        round(pf_div(sum(half_hours * longitude), sum(half_hours)), 9) as longitude
    from visit
    where latitude is not null and longitude is not null
    group by month_start, subscription_key, week_part, day_part
),

-- The haversine formula on a sphere of 6,371 km; the square of the sine keeps rounding away from its argument's sign.
reach as (
    select
        visit.month_start, visit.subscription_key, visit.week_part, visit.day_part,
        max(centre.half_hours) as half_hours,
        round(sqrt(pf_div(sum(visit.half_hours * pow(12742 * asin(sqrt(
            pow(sin(radians(visit.latitude - centre.latitude) / 2), 2)
            + cos(radians(visit.latitude)) * cos(radians(centre.latitude))
            * pow(sin(radians(visit.longitude - centre.longitude) / 2), 2)
        )), 2)), max(centre.half_hours))), 3) as gyration_km
    from visit
    inner join centre using (month_start, subscription_key, week_part, day_part)
    where visit.latitude is not null and visit.longitude is not null
    group by visit.month_start, visit.subscription_key, visit.week_part, visit.day_part
)

select
    spread.month_start,
    spread.subscription_key,
    spread.week_part,
    spread.day_part,
    spread.half_hours,
    spread.antennas,
    spread.antenna_entropy,
    spread.frequent_antennas,
    spread.home_cell_id,
    case when spread.home_cell_id is not null then spread.home_half_hours end as home_half_hours,
    case
        when spread.home_cell_id is not null then round(pf_div(spread.home_half_hours, spread.half_hours), 6)
    end as home_share,
    coalesce(reach.half_hours, 0) as placed_half_hours,
    reach.gyration_km
from spread
left join reach using (month_start, subscription_key, week_part, day_part)
