/*
description: What the lines at home in each sales grid lived through in the network by month, wherever they were used.
grain: [month_start, home_grid_id]
refresh: month
partition: month_start
keep: 14 months
open_month: false
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  home_grid_id: varchar - Sales grid of the cell in which a line spends its nights; unknown for lines without one.
  lines: integer - Lines at home there that were used in the month.
  calls: bigint - Their calls made and received, dropped and failed ones included.
  dropped_calls: bigint - Of these, those that broke off.
  failed_calls: bigint - Of these, those that were not set up.
  lines_in_trouble: integer - Lines with a dropped or failed call or an outage of a cell in which they were used.
  lines_in_outage: integer - Lines with an outage of a cell in which they were used that day.
  data_bytes: bigint - Bytes up and down.
  measured_bytes: bigint - Of these, bytes in cells whose throughput that day is known.
  byte_kbps: decimal(38,0) - Sum of bytes times the mean throughput of their cell and day in kilobits per second.
  throughput_kbps: decimal(18,1) - Throughput of the cells used, weighted by bytes, byte_kbps over measured_bytes; null without.
checks:
  - lines > 0 and lines_in_outage <= lines_in_trouble and lines_in_trouble <= lines
  - dropped_calls + failed_calls <= calls
*/
with

line as (
    select
        used.month_start,
        coalesce(home.home_grid_id, 'unknown') as home_grid_id,
        used.calls,
        used.dropped_calls,
        used.failed_calls,
        used.trouble_days,
        used.outage_days,
        used.data_bytes,
        used.measured_bytes,
        used.byte_kbps
    from mart_network.subscriber_month as used
    left join mart_network.home_month as home
        on used.month_start = home.month_start and used.subscription_key = home.subscription_key
)

select
    month_start,
    home_grid_id,
    count(*) as lines,
    sum(calls) as calls,
    sum(dropped_calls) as dropped_calls,
    sum(failed_calls) as failed_calls,
    count(*) filter (where trouble_days > 0) as lines_in_trouble,
    count(*) filter (where outage_days > 0) as lines_in_outage,
    sum(data_bytes) as data_bytes,
    sum(measured_bytes) as measured_bytes,
    sum(byte_kbps) as byte_kbps,
    round(pf_div(sum(byte_kbps), sum(measured_bytes)), 1) as throughput_kbps
from line
group by month_start, home_grid_id
