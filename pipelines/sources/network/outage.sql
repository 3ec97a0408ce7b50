/*
description: Outages of cells, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: started_on
columns:
  outage_no: bigint - Outage.
  cell_id: integer - Cell.
  started_at: timestamp - Begin, UTC.
  started_on: date - Business day of the begin.
  ended_at: timestamp - End, UTC; null while it lasts.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    outage_no,
    cell_id,
    started_at,
    event_day as started_on,
    ended_at,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_network.outage
