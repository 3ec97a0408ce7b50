/*
description: >-
  Outlets as they stand, with the way up to their dealer and area; codes that sources use for outlets and that the list does
  not have are rows too.
grain: [outlet_id]
public: true
columns:
  outlet_id: varchar - Outlet, or the code that a source used for one.
  outlet_name: varchar - Name; null for codes that the list does not have.
  mapping_type: varchar - listed, not_stated (the code says that the source does not know) or cannot_map (a code nobody explains).
  channel_type: varchar - own_shop, entrusted, agent, designated, e_channel, direct, bank or air_recharge; null unless listed.
  parent_outlet_id: varchar - Outlet it reports to; null at the top.
  dealer_outlet_id: varchar - Top of the way up; the outlet itself when it reports to nobody or is not listed.
  dealer_name: varchar - Name of the dealer; null when not listed.
  levels_up: integer - Levels between outlet and dealer.
  is_broken: boolean - The way up names an outlet that is not listed, or leads in a circle.
  area_id: varchar - Area it sells in; null when unknown.
  county_area_id: varchar - County of that area.
  city_area_id: varchar - City of that area.
  opened_on: date - Opening day as last stated; null when never stated.
  closed_on: date - Last day; null while open.
  is_open: boolean - Listed and not closed.
  lines_sold: bigint - Lines known to have been sold, in network or not.
checks:
  - mapping_type in ('listed', 'not_stated', 'cannot_map')
  - is_open = (mapping_type = 'listed' and closed_on is null)
*/
with

-- A day on which the list leaves the opening day out does not make it unknown.
listed as (
    select
        *,
        max(opened_on) over (partition by outlet_id) as stated_opened_on
    from core.dim_outlet
),

sold as (
    select outlet_id, count(*) as lines_sold
    from core.dim_subscription
    where outlet_id is not null
    group by outlet_id
),

used as (
    select outlet_id from sold
    union
    select outlet_id from core.fct_commission
    where outlet_id is not null
    union
    select outlet_id from core.fct_stock_issue
    where outlet_id is not null
    union
    select outlet_id from core.fct_handset_sale
    where outlet_id is not null
    union
    select outlet_id from core.fct_payment
    where outlet_id is not null
    union
    select outlet_id from core.fct_recharge
    where outlet_id is not null
    union
    select outlet_id from core.subscriber_day
    where day = getvariable('as_of') and outlet_id is not null
    union
    select outlet_id from listed
)

select
    used.outlet_id,
    listed.outlet_name,
    case
        when listed.outlet_id is not null then 'listed'
        when used.outlet_id = threshold.no_outlet_code then 'not_stated'
        else 'cannot_map'
    end as mapping_type,
    listed.channel_type,
    way.parent_outlet_id,
    coalesce(way.dealer_outlet_id, used.outlet_id) as dealer_outlet_id,
    dealer.outlet_name as dealer_name,
    coalesce(way.levels_up, 0) as levels_up,
    coalesce(way.is_broken, false) as is_broken,
    listed.area_id,
    area.county_area_id,
    area.city_area_id,
    listed.stated_opened_on as opened_on,
    listed.closed_on,
    listed.outlet_id is not null and listed.closed_on is null as is_open,
    coalesce(sold.lines_sold, 0) as lines_sold
from used
cross join mart_channel.threshold as threshold
left join listed on used.outlet_id = listed.outlet_id and listed.is_current
left join core.dim_outlet_hierarchy as way on used.outlet_id = way.outlet_id and way.is_current
left join core.dim_outlet as dealer on way.dealer_outlet_id = dealer.outlet_id and dealer.is_current
left join core.dim_area as area on listed.area_id = area.area_id
left join sold on used.outlet_id = sold.outlet_id
