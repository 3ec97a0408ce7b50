/*
description: What each line lived through in the network by month.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  used_days: integer - Days with any use, roaming included.
  calls: integer - Calls made and received, dropped and failed ones included.
  dropped_calls: integer - Calls that broke off.
  failed_calls: integer - Calls that were not set up.
  trouble_days: integer - Days with a dropped or failed call or an outage of a cell in which the line was used.
  outage_days: integer - Days with an outage of a cell in which the line was used.
  outages: integer - Such outages; one that lasts over midnight counts on each of its days.
  outage_s: bigint - Seconds that those outages lasted, added up over outages.
  data_bytes: bigint - Bytes up and down.
  measured_bytes: bigint - Of these, bytes in cells whose throughput that day is known.
  byte_kbps: decimal(38,0) - Sum of bytes times the mean throughput of their cell and day in kilobits per second.
  throughput_kbps: decimal(18,1) - Throughput of the cells used, weighted by bytes, byte_kbps over measured_bytes; null without.
checks:
  - used_days between 1 and 31 and trouble_days <= used_days and outage_days <= trouble_days
  - dropped_calls + failed_calls <= calls
*/
select
    cast(date_trunc('month', day) as date) as month_start,
    subscription_key,
    count(*) as used_days,
    sum(calls) as calls,
    sum(dropped_calls) as dropped_calls,
    sum(failed_calls) as failed_calls,
    count(*) filter (where dropped_calls + failed_calls + outages > 0) as trouble_days,
    count(*) filter (where outages > 0) as outage_days,
    sum(outages) as outages,
    sum(outage_s) as outage_s,
    sum(data_bytes) as data_bytes,
    sum(measured_bytes) as measured_bytes,
    sum(byte_kbps) as byte_kbps,
    round(pf_div(sum(byte_kbps), sum(measured_bytes)), 1) as throughput_kbps
from mart_network.subscriber_day
group by cast(date_trunc('month', day) as date), subscription_key
