/*
description: Load and quality of each radio cell by day, as the network counted them.
grain: [day, cell_id]
refresh: day
partition: day
keep: 26 months
optional: {stg_network.cell_day: the network tells nothing of its cells}
columns:
  day: date - Business day.
  cell_id: integer - Cell.
  attempts: integer - Calls attempted.
  dropped: integer - Calls dropped.
  failed: integer - Calls that could not be set up.
  throughput_kbps: integer - Mean throughput in kilobits per second; null when not measured.
  down_minutes: integer - Minutes out of service.
watch:
  - dropped + failed <= attempts
*/
with

listed as (
    select
        *,
        row_number() over (partition by day, cell_id order by known_on desc, delivery_id desc, row_no desc) as place
    from stg_network.cell_day
    where superseded_on is null
)

select
    day,
    cell_id,
    attempts,
    dropped,
    failed,
    throughput_kbps,
    down_minutes
from listed
where place = 1
