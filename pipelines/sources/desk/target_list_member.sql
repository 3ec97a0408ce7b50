/*
description: Lines on frozen lists, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: frozen_on
columns:
  list_id: varchar - List.
  subscription_key: bigint - Line on it.
  place: integer - Order of contact, 1 first.
  is_control: boolean - Left alone for comparison.
  frozen_at: timestamp - When the list was frozen, UTC.
  frozen_on: date - Business day.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    list_id,
    subscription_key,
    place,
    is_control,
    frozen_at,
    event_day as frozen_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_desk.target_list_member
