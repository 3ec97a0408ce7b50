/*
description: Where each new line was used in the month after its activation, by radio site.
grain: [month_start, subscription_key, bts_id]
refresh: month
partition: month_start
keep: 26 months
scope: subscription_key
open_month: false
reads:
  core.dim_cell: static
  core.dim_area: static
columns:
  month_start: date - First day of the month after the activation.
  subscription_key: bigint - Line activated in the month before.
  bts_id: integer - Radio site; -1 for events of unknown place and those abroad.
  county_area_id: varchar - County of the site; null when unknown.
  city_area_id: varchar - City of the site; null when unknown.
  events: integer - Calls, messages and sessions.
  calls: integer - Calls made and received.
  roaming_events: integer - Events outside the home network, nationally or abroad.
checks:
  - events > 0
  - roaming_events between 0 and events
*/
with

new_line as (
    select cast(date_trunc('month', day) as date) as month_start, subscription_key
    from core.subscriber_day
    where
        day = last_day(day)
        and date_trunc('month', first_activated_on) = date_trunc('month', day) - interval 1 month
),

site as (
    select
        cell.cell_id,
        cell.valid_from,
        cell.valid_to,
        cell.bts_id,
        area.county_area_id,
        area.city_area_id
    from core.dim_cell as cell
    left join core.dim_area as area on cell.area_id = area.area_id
)

select
    new_line.month_start,
    new_line.subscription_key,
    coalesce(site.bts_id, -1) as bts_id,
    max(site.county_area_id) as county_area_id,
    max(site.city_area_id) as city_area_id,
    sum(place.events) as events,
    sum(place.calls) as calls,
    sum(place.roaming_events) as roaming_events
from core.place_day as place
inner join new_line
    on
        place.subscription_key = new_line.subscription_key
        and cast(date_trunc('month', place.day) as date) = new_line.month_start
left join site
    on
        place.cell_id = site.cell_id
        and place.day >= site.valid_from
        and (site.valid_to is null or place.day < site.valid_to)
group by new_line.month_start, new_line.subscription_key, coalesce(site.bts_id, -1)
