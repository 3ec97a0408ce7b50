/*
description: Enquiries for a porting code, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: enquired_on
columns:
  enquiry_no: bigint - Enquiry.
  msisdn_key: bigint - Number asked about.
  enquired_at: timestamp - When, UTC.
  enquired_on: date - Business day.
  channel_type: varchar - Channel used.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    enquiry_no,
    msisdn_key,
    enquired_at,
    event_day as enquired_on,
    channel as channel_type,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_mnp.enquiry
