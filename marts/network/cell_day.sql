/*
description: Each radio cell by day with its sales grid, as the network counted it and as the lines used in it lived it.
grain: [day, cell_id]
refresh: day
partition: day
keep: 14 months
scope: cell_id
public: true
optional:
  stg_network.cell: cells are in no sales grid
  stg_network.cell_day: only what lines lived through is told
  stg_network.outage: there are no outages
reads:
  core.dim_cell: static
columns:
  day: date - Business day.
  cell_id: integer - Cell in which a line was used, or of which the network told something.
  grid_id: varchar - Sales grid in which it lay that day; null when planning did not say.
  area_id: varchar - Area in which it lay that day.
  rat_type: varchar - 2G, 3G, 4G or 5G.
  lines: integer - Different lines used in it that day, those of unknown holders left out.
  calls: integer - Their calls made and received in it, dropped and failed ones included.
  dropped_calls: integer - Of these, those that broke off.
  failed_calls: integer - Of these, those that were not set up.
  data_bytes: bigint - Bytes up and down of these lines.
  attempts: integer - Calls attempted as the network counted them; null when it told nothing of the cell.
  attempts_dropped: integer - Of these, dropped ones.
  attempts_failed: integer - Of these, those that could not be set up.
  throughput_kbps: integer - Mean throughput in kilobits per second; null when not measured.
  down_minutes: integer - Minutes out of service, as counted.
  outages: integer - Outages that day.
  outage_s: bigint - Seconds that they lasted that day.
checks:
  - dropped_calls + failed_calls <= calls
*/
with

lived as (
    select
        day,
        cell_id,
        count(distinct subscription_key) as lines,
        sum(calls) as calls,
        sum(dropped_calls) as dropped_calls,
        sum(failed_calls) as failed_calls,
        sum(bytes) as data_bytes
    from core.place_day
    where cell_id <> -1 and subscription_key <> -1
    group by day, cell_id
),

down as (
    select
        day,
        cell_id,
        count(*) as outages,
        coalesce(sum(down_s), 0) as outage_s
    from core.outage_day
    group by day, cell_id
),

known as (
    select day, cell_id from lived
    union
    select day, cell_id from core.fct_cell_day
    union
    select day, cell_id from down
)

select
    known.day,
    known.cell_id,
    cell.grid_id,
    cell.area_id,
    cell.rat_type,
    coalesce(lived.lines, 0) as lines,
    coalesce(lived.calls, 0) as calls,
    coalesce(lived.dropped_calls, 0) as dropped_calls,
    coalesce(lived.failed_calls, 0) as failed_calls,
    coalesce(lived.data_bytes, 0) as data_bytes,
    counted.attempts,
    counted.dropped as attempts_dropped,
    counted.failed as attempts_failed,
    counted.throughput_kbps,
    counted.down_minutes,
    coalesce(down.outages, 0) as outages,
    coalesce(down.outage_s, 0) as outage_s
from known
left join lived on known.day = lived.day and known.cell_id = lived.cell_id
left join core.fct_cell_day as counted on known.day = counted.day and known.cell_id = counted.cell_id
left join down on known.day = down.day and known.cell_id = down.cell_id
left join core.dim_cell as cell
    on
        known.cell_id = cell.cell_id
        and known.day >= cell.valid_from
        and known.day < coalesce(cell.valid_to, date '9999-12-31')
