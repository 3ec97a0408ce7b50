/*
description: Areas, as listed by each delivery.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  area_id: varchar - Area.
  level_type: varchar - province, city, county or grid.
  parent_area_id: varchar - Area it lies in; null for a province.
  area_name: varchar - Name.
  population: integer - Inhabitants.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    area_id,
    level as level_type,
    parent_id as parent_area_id,
    name as area_name,
    population,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_reference.geography
