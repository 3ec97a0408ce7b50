/*
description: Numbers carried between operators, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: ported_on
columns:
  port_no: bigint - Port.
  msisdn_key: bigint - Number carried.
  donor_name: varchar - Operator left.
  recipient_name: varchar - Operator joined.
  requested_at: timestamp - When it was asked for, UTC.
  ported_at: timestamp - When it was decided, UTC.
  ported_on: date - Business day on which it was decided.
  status_type: varchar - done, reversed or rejected.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    port_no,
    msisdn_key,
    donor as donor_name,
    recipient as recipient_name,
    requested_at,
    ported_at,
    event_day as ported_on,
    status as status_type,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_mnp.port_event
