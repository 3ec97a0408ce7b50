/*
description: What each line lived through in the network up to T, and how its home cell is.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
optional: {stg_network.cell_day: nothing is known of home cells, stg_network.outage: there are no outages}
reads: {churn.cell_month: 62 days, mart_network.subscriber_month: 92 days}
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  used_days: integer - Days with any use.
  network_calls: integer - Calls made and received, dropped and failed ones included.
  dropped_calls: integer - Calls that broke off.
  failed_calls: integer - Calls that were not set up.
  trouble_share: decimal(9,6) - Dropped and failed over all calls; null without any.
  trouble_share_3: decimal(9,6) - The same over this and the three months before.
  trouble_days: integer - Days with a dropped or failed call or an outage.
  trouble_days_3: integer - Such days in the three months before.
  outage_days: integer - Days with an outage of a cell in which the line was used.
  outage_s: bigint - Seconds that these lasted.
  throughput_kbps: decimal(18,1) - Throughput of the cells used; null without.
  nights: integer - Days on which the line was used at night.
  home_nights: integer - Of these, days on which it was used in its home cell.
  home_share: decimal(9,6) - home_nights / nights; null without nights.
  work_days: integer - Working days on which it was used in its cell of work.
  is_work_at_home: boolean - Cell of work and home cell are the same; null without both.
  home_trouble_share: decimal(9,6) - Dropped and failed calls over those attempted in the home cell; null when not told.
  home_trouble_share_1: decimal(9,6) - The same the month before.
  home_trouble_rise: decimal(9,6) - Their difference.
  home_kbps: decimal(18,1) - Mean daily throughput of the home cell; null when not measured.
  home_down_minutes: bigint - Minutes the home cell was out of service; null when not told.
  work_trouble_share: decimal(9,6) - Dropped and failed calls over those attempted in the cell of work; null when not told.
*/
with

lived as (
    select
        month_start,
        subscription_key,
        used_days,
        calls,
        dropped_calls,
        failed_calls,
        trouble_days,
        outage_days,
        outage_s,
        throughput_kbps,
        sum(calls) over lately as calls_3,
        sum(dropped_calls + failed_calls) over lately as trouble_calls_3,
        sum(trouble_days) over lately - trouble_days as trouble_days_3
    from mart_network.subscriber_month
    window lately as (
        partition by subscription_key order by month_start range between interval 3 month preceding and current row
    )
)

select
    line.month_start,
    line.subscription_key,
    coalesce(lived.used_days, 0) as used_days,
    coalesce(lived.calls, 0) as network_calls,
    coalesce(lived.dropped_calls, 0) as dropped_calls,
    coalesce(lived.failed_calls, 0) as failed_calls,
    round(pf_div(lived.dropped_calls + lived.failed_calls, lived.calls), 6) as trouble_share,
    round(pf_div(lived.trouble_calls_3, lived.calls_3), 6) as trouble_share_3,
    coalesce(lived.trouble_days, 0) as trouble_days,
    coalesce(lived.trouble_days_3, 0) as trouble_days_3,
    coalesce(lived.outage_days, 0) as outage_days,
    coalesce(lived.outage_s, 0) as outage_s,
    lived.throughput_kbps,
    coalesce(home.nights, 0) as nights,
    coalesce(home.home_nights, 0) as home_nights,
    round(pf_div(home.home_nights, home.nights), 6) as home_share,
    coalesce(home.work_days, 0) as work_days,
    home.home_cell_id = home.work_cell_id as is_work_at_home,
    cell.trouble_share as home_trouble_share,
    earlier.trouble_share as home_trouble_share_1,
    cell.trouble_share - earlier.trouble_share as home_trouble_rise,
    round(pf_div(cell.kbps_days, cell.measured_days), 1) as home_kbps,
    cell.down_minutes as home_down_minutes,
    work.trouble_share as work_trouble_share
from churn.line_month as line
left join lived on line.month_start = lived.month_start and line.subscription_key = lived.subscription_key
left join mart_network.home_month as home
    on line.month_start = home.month_start and line.subscription_key = home.subscription_key
left join churn.cell_month as cell on home.month_start = cell.month_start and home.home_cell_id = cell.cell_id
left join churn.cell_month as earlier
    on home.month_start - interval 1 month = earlier.month_start and home.home_cell_id = earlier.cell_id
left join churn.cell_month as work on home.month_start = work.month_start and home.work_cell_id = work.cell_id
