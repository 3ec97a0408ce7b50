/*
description: Handsets in which each line was used, by month, late records included; only handsets whose number can be one.
grain: [month_start, subscription_key, imei_body_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
scope: subscription_key
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line.
  imei_body_key: bigint - Handset, by the IMEI without its check digit.
  tac: varchar - First eight digits of the IMEI.
  msisdn_key: bigint - Number with which the line used it; the highest key of several.
  days: integer - Days on which it was used.
  first_used_on: date - First of these days.
  last_used_on: date - Last of these days.
  events: bigint - Calls, messages and data sessions.
  voice_events: bigint - Calls made and received.
  data_events: bigint - Data sessions.
  data_bytes: bigint - Bytes up and down.
checks:
  - days between 1 and 31
  - first_used_on <= last_used_on
  - voice_events + data_events <= events
*/
with

used as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        day,
        subscription_key,
        imei_body_key,
        max(tac) as tac,
        max(msisdn_key) as msisdn_key,
        sum(events) as events,
        sum(voice_events) as voice_events,
        sum(data_events) as data_events,
        sum(bytes) as data_bytes
    from core.device_day
    where is_valid and subscription_key <> -1
    group by day, subscription_key, imei_body_key
)

select
    month_start,
    subscription_key,
    imei_body_key,
    max(tac) as tac,
    max(msisdn_key) as msisdn_key,
    count(*) as days,
    min(day) as first_used_on,
    max(day) as last_used_on,
    sum(events) as events,
    sum(voice_events) as voice_events,
    sum(data_events) as data_events,
    sum(data_bytes) as data_bytes
from used
group by month_start, subscription_key, imei_body_key
