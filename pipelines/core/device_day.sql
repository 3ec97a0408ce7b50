/*
description: Handsets in which each line was used, by day, as known now; constants and cut-off numbers are kept and marked.
grain: [day, msisdn_key, subscription_key, imei_key]
refresh: day
partition: day
keep: 14 months
scope: msisdn_key
columns:
  day: date - Business day on which the events began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  imei_key: bigint - Handset; -1 for all events whose records name none.
  tac: varchar - First eight digits of its IMEI as sent; null without one.
  imei_body_key: bigint - First fourteen digits of its IMEI, without the check digit; null when it has fewer or none.
  imsi_key: bigint - SIM used in it; the highest key when there were several that day; null when unknown.
  is_valid: boolean - Whether the IMEI has fourteen digits or more and a type code that may have been issued.
  events: integer - Calls, messages and data sessions; failed calls included.
  voice_events: integer - Calls made and received, failed ones included.
  data_events: integer - Data sessions.
  bytes: bigint - Bytes up and down.
checks:
  - events > 0
  - voice_events + data_events between 0 and events
  - bytes >= 0
  - not is_valid or imei_key <> -1
*/
with

event as not materialized (
    select
        event.event_day as day,
        event.msisdn_key,
        event.subscription_key,
        coalesce(event.imei_key, -1) as imei_key,
        event.tac,
        event.imei_body_key,
        event.imsi_key,
        event.service_type,
        event.bytes_up + event.bytes_down as bytes
    from core.line_event as event
    where event.is_current
)

-- A type code opens with the two digits of the body that issued it; GSMA TS.06 lists those there have ever been.
select
    day,
    msisdn_key,
    subscription_key,
    imei_key,
    max(tac) as tac,
    max(imei_body_key) as imei_body_key,
    max(imsi_key) as imsi_key,
    max(imei_body_key) is not null and coalesce(left(max(tac), 2) in (
        '01', '10', '30', '33', '35', '44', '45', '49', '50', '51', '52', '53', '54', '86', '91', '98', '99'
    ), false) as is_valid,
    count(*) as events,
    count(*) filter (where service_type = 'voice') as voice_events,
    count(*) filter (where service_type = 'data') as data_events,
    sum(bytes) as bytes
from event
group by
    day,
    msisdn_key,
    subscription_key,
    imei_key
