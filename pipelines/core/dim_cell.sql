/*
description: Radio cells and how they changed, one row per cell and state.
grain: [cell_id, valid_from]
columns:
  cell_id: integer - Cell.
  lac: integer - Location area.
  bts_id: integer - Site.
  grid_id: varchar - Sales grid.
  area_id: varchar - Area.
  latitude: decimal(9,6) - Degrees north; null when missing or impossible.
  longitude: decimal(9,6) - Degrees east; null when missing or impossible.
  rat_type: varchar - 2G, 3G, 4G or 5G.
  valid_from: date - First day of this state.
  valid_to: date - First day of the next state; null for the current one.
  is_current: boolean - Whether this is the current state.
checks:
  - valid_to is null or valid_to > valid_from
  - latitude is null or latitude between -90 and 90
  - longitude is null or longitude between -180 and 180
*/
with

listed as (
    select
        *,
        -- Zero, zero lies in the sea: planning writes it for a cell that was never surveyed.
        latitude between -90 and 90
        and longitude between -180 and 180
        and not (latitude = 0 and longitude = 0) as is_placed,
        row_number()
            over (partition by cell_id, valid_from order by known_on desc, delivery_id desc, row_no desc)
            as place
    from stg_network.cell
    where superseded_on is null
),

state as (
    select
        *,
        lead(valid_from) over (partition by cell_id order by valid_from) as valid_to
    from listed
    where place = 1
)

select
    cell_id,
    lac,
    bts_id,
    grid_id,
    area_id,
    case when is_placed then latitude end as latitude,
    case when is_placed then longitude end as longitude,
    rat_type,
    valid_from,
    valid_to,
    valid_to is null as is_current
from state
