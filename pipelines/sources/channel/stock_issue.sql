/*
description: SIM cards handed to outlets, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: issued_on
columns:
  issue_no: bigint - Hand-over.
  outlet_id: varchar - Outlet.
  iccid_key: bigint - SIM card.
  issued_at: timestamp - When, UTC.
  issued_on: date - Business day.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    issue_no,
    outlet_id,
    iccid_key,
    issued_at,
    event_day as issued_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_channel.stock_issue
