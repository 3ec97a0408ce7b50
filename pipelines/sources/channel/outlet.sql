/*
description: Outlets as listed each day.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  outlet_id: varchar - Outlet.
  outlet_name: varchar - Name.
  channel_type: varchar - own_shop, entrusted, agent, designated, e_channel, direct, bank or air_recharge.
  parent_outlet_id: varchar - Outlet it reports to; null at the top.
  area_id: varchar - Area it sells in.
  opened_on: date - Opening day; null when unknown.
  closed_on: date - Last day; null while open.
  staff: integer - People working there.
  updated_at: timestamp - When the record was changed, UTC.
  snapshot_on: date - Day for which it was listed.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    outlet_id,
    outlet_name,
    channel_type,
    parent_outlet_id,
    area_id,
    nullif(opened_on, date '2000-01-01') as opened_on,   -- the system's word for unknown
    closed_on,
    staff,
    updated_at,
    data_date as snapshot_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_channel.outlet
