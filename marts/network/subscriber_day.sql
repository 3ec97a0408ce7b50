/*
description: What each line lived through in the network by day, judged by the cells in which it was used.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 14 months
scope: subscription_key
public: true
optional:
  stg_network.cell_day: there is no throughput
  stg_network.outage: nobody is known to have lived through an outage
columns:
  day: date - Business day.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  cells: integer - Different cells in which it was used; uses without a cell, as abroad, count for none.
  calls: integer - Calls made and received, dropped and failed ones included; also those without a cell.
  dropped_calls: integer - Calls that broke off.
  failed_calls: integer - Calls that were not set up.
  outages: integer - Outages that day of the cells in which it was used, whether or not at that hour.
  outage_s: bigint - Seconds that those outages lasted that day, added up over outages.
  data_bytes: bigint - Bytes up and down; also those without a cell.
  measured_bytes: bigint - Of these, bytes in cells whose throughput that day is known.
  byte_kbps: decimal(38,0) - Sum over these cells of bytes times the cell's mean throughput in kilobits per second.
  throughput_kbps: decimal(18,1) - Throughput of the cells used, weighted by bytes, byte_kbps over measured_bytes; null without.
checks:
  - dropped_calls + failed_calls <= calls
  - measured_bytes between 0 and data_bytes
*/
with

placed as (
    select
        day,
        subscription_key,
        cell_id,
        sum(calls) as calls,
        sum(dropped_calls) as dropped_calls,
        sum(failed_calls) as failed_calls,
        sum(bytes) as bytes
    from core.place_day
    where subscription_key <> -1
    group by day, subscription_key, cell_id
),

down as (
    select
        day,
        cell_id,
        count(*) as outages,
        coalesce(sum(down_s), 0) as outage_s
    from core.outage_day
    group by day, cell_id
)

select
    placed.day,
    placed.subscription_key,
    count(*) filter (where placed.cell_id <> -1) as cells,
    sum(placed.calls) as calls,
    sum(placed.dropped_calls) as dropped_calls,
    sum(placed.failed_calls) as failed_calls,
    coalesce(sum(down.outages), 0) as outages,
    coalesce(sum(down.outage_s), 0) as outage_s,
    sum(placed.bytes) as data_bytes,
    coalesce(sum(placed.bytes) filter (where cell.throughput_kbps is not null), 0) as measured_bytes,
    coalesce(sum(cast(placed.bytes as hugeint) * cell.throughput_kbps), 0) as byte_kbps,
    round(
        pf_div(
            sum(cast(placed.bytes as hugeint) * cell.throughput_kbps),
            sum(placed.bytes) filter (where cell.throughput_kbps is not null)
        ), 1
    ) as throughput_kbps
from placed
left join core.fct_cell_day as cell on placed.day = cell.day and placed.cell_id = cell.cell_id
left join down on placed.day = down.day and placed.cell_id = down.cell_id
group by placed.day, placed.subscription_key
