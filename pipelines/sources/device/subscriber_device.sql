/*
description: Handsets in which a subscription was seen, one row per pair and change.
grain: [delivery_id, row_no]
refresh: delivery
partition: last_seen_on
columns:
  subscription_key: bigint - Subscription.
  imei_key: bigint - Handset.
  imei_body_key: bigint - Handset without the check digit; null where its number cannot be one.
  tac: varchar - First eight digits of the handset's IMEI.
  first_seen_on: date - First day seen together.
  last_seen_on: date - Last day seen together.
  events: integer - Events seen together on the last day.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    user_id_key as subscription_key,
    imei_key,
    imei_body_key,
    tac,
    first_seen_on,
    last_seen_on,
    events,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_device.subscriber_device
