/*
description: Messages of the study, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: sent_on
columns:
  sender_key: bigint - Participant who sent it.
  recipient_key: bigint - Participant who received it.
  sent_at: timestamp - When it was sent, UTC, counted from an assumed first day.
  sent_on: date - Business day on which it was sent.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    sender_key,
    recipient_key,
    sent_at,
    event_day as sent_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_copenhagen_cns.sms
