/*
description: Load of the contact centre by queue and interval, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: interval_on
columns:
  interval_start_at: timestamp - Begin of the interval, UTC.
  interval_on: date - Business day.
  queue_name: varchar - Queue.
  offered: integer - Calls offered.
  answered: integer - Calls answered.
  answered_20s: integer - Calls answered within twenty seconds.
  abandoned: integer - Calls given up by the caller.
  wait_s: bigint - Waiting time of all calls, seconds.
  handle_s: bigint - Handling time of all calls, seconds.
  agents: integer - Agents logged in.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    interval_start as interval_start_at,
    event_day as interval_on,
    queue as queue_name,
    offered,
    answered,
    answered_20s,
    abandoned,
    wait_s,
    handle_s,
    agents,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_care.call_interval
