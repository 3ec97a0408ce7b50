/*
description: Radio cells by month, as the network counted them.
grain: [month_start, cell_id]
refresh: month
partition: month_start
keep: 14 months
scope: cell_id
open_month: false
public: true
columns:
  month_start: date - First day of the month.
  cell_id: integer - Cell.
  attempts: bigint - Calls attempted in it.
  dropped: bigint - Of these, dropped ones.
  failed: bigint - Of these, those that could not be set up.
  trouble_share: decimal(9,6) - Dropped and failed over attempted; null without any.
  kbps_days: bigint - Sum of the mean throughput of the days on which it was measured, in kilobits per second.
  measured_days: integer - These days.
  down_minutes: bigint - Minutes out of service.
*/
select
    cast(date_trunc('month', day) as date) as month_start,
    cell_id,
    coalesce(sum(attempts), 0) as attempts,
    coalesce(sum(dropped), 0) as dropped,
    coalesce(sum(failed), 0) as failed,
    round(pf_div(coalesce(sum(dropped), 0) + coalesce(sum(failed), 0), sum(attempts)), 6) as trouble_share,
    coalesce(sum(throughput_kbps), 0) as kbps_days,
    count(throughput_kbps) as measured_days,
    coalesce(sum(down_minutes), 0) as down_minutes
from core.fct_cell_day
group by cast(date_trunc('month', day) as date), cell_id
