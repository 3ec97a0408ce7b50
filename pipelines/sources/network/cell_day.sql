/*
description: Quality of each cell by day, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: day
columns:
  cell_id: integer - Cell.
  day: date - Business day.
  attempts: integer - Calls attempted.
  dropped: integer - Calls dropped.
  failed: integer - Calls that could not be set up.
  throughput_kbps: integer - Mean throughput, kilobits per second.
  down_minutes: integer - Minutes out of service.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    cell_id,
    day,
    attempts,
    dropped,
    failed,
    throughput_kbps,
    down_minutes,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_network.cell_day
