/*
description: Calls of the study, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: started_on
columns:
  caller_key: bigint - Participant who called.
  callee_key: bigint - Participant who was called.
  started_at: timestamp - When it began, UTC, counted from an assumed first day.
  started_on: date - Business day on which it began.
  duration_s: integer - Duration in seconds; null when the call was missed.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    caller_key,
    callee_key,
    started_at,
    event_day as started_on,
    duration_s,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_copenhagen_cns.call
