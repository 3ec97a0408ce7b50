/*
description: >-
  The fitted segment nearest to each line by month, under the version in force at the month's end; months before the first
  version have no rows.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
applies: models.segmentation.member.apply
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line.
  version: integer - Version of the segmentation.
  segment_id: integer - Segment; the same id is the same segment in every month and version.
  segment_name: varchar - What sets it apart from all lines, as when the id was given.
  distance: decimal(18,6) - Distance to the segment's centre, in standard deviations over all features.
checks:
  - distance >= 0
*/
select
    month_start,
    subscription_key,
    tenure_months,
    days_silent,
    active_days,
    voice_minutes,
    on_net_share,
    sms_sent,
    data_gb,
    roaming_minutes,
    contacts,
    spend_amt,
    recharge_amt
from segmentation.feature_month
order by month_start, subscription_key
