/*
description: Cells, as listed by each delivery.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  cell_id: integer - Cell.
  lac: integer - Location area.
  bts_id: integer - Site.
  latitude: decimal(9,6) - Degrees north as planned.
  longitude: decimal(9,6) - Degrees east as planned.
  grid_id: varchar - Sales grid.
  area_id: varchar - Area.
  rat_type: varchar - 2G, 3G, 4G or 5G.
  valid_from: date - First day of this state.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    cell_id,
    lac,
    bts_id,
    latitude,
    longitude,
    grid_id,
    area_id,
    rat as rat_type,
    valid_from,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_network.cell
