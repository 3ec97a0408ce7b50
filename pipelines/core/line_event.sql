/*
description: Every event once with the line that held the number and the part of the day; what the aggregates by day are made of.
grain: [event_day, msisdn_key, service_type, event_id, start_at, is_current, was_known]
refresh: view
partition: event_day
scope: msisdn_key
shared: true
reads:
  core.bridge_msisdn: changes
  core.dim_date: static
columns:
  event_day: date - Business day on which it began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  service_type: enum('data', 'sms', 'voice') - voice, sms or data.
  event_id: bigint - Reference given by mediation or charging.
  start_at: timestamp - When it began, UTC.
  direction_type: enum('mo', 'mt') - mo (made) or mt (received); data sessions are mo.
  other_msisdn_key: bigint - The other party; null when unknown and for data.
  imsi_key: bigint - SIM identity.
  imei_key: bigint - Handset.
  tac: varchar - First eight digits of the handset's IMEI.
  imei_body_key: bigint - First fourteen digits of the handset's IMEI; null when it has fewer.
  cell_id: integer - Cell in which it began; null when unknown.
  roam_type: enum('home', 'international', 'national') - home, national or international.
  other_operator: enum('fixed', 'international', 'own', 'short', 'telecom', 'unicom') - Operator of the other party; null for data.
  is_on_net: boolean - Whether the other party is a customer of this operator.
  rat_type: enum('2G', '3G', '4G', '5G') - 2G, 3G, 4G or 5G; null for voice and messages.
  duration_s: integer - Duration of the whole call in seconds; 0 for messages and data.
  billed_minutes: integer - Started minutes of a call made, whoever pays; 0 for calls received, messages and data.
  bytes_up: bigint - Bytes sent by the handset; 0 for voice and messages.
  bytes_down: bigint - Bytes received by the handset; 0 for voice and messages.
  charge_amt: decimal(18,6) - Rated charge, after free units.
  is_free_unit: boolean - Whether an allowance covered all of it.
  cause_type: enum('dropped', 'failed', 'normal') - normal, dropped or failed, as the last partial record says; normal for data.
  partials: integer - Records that were merged.
  is_current: boolean - Counts as known now.
  was_known: boolean - Counted when its day closed.
  time_band: enum('off_peak', 'peak') - peak (08:00 to 20:00 on the operator's clock) or off_peak.
  is_night: boolean - Begun from 19:00 to 07:00 on the operator's clock; 07:00:00 itself is day.
  is_work: boolean - Begun from 09:00 to 17:00 on the operator's clock, Monday to Friday.
*/
select
    event.event_day,
    event.msisdn_key,
    coalesce(bridge.subscription_key, -1) as subscription_key,
    event.service_type,
    event.event_id,
    event.start_at,
    event.direction_type,
    event.other_msisdn_key,
    event.imsi_key,
    event.imei_key,
    event.tac,
    event.imei_body_key,
    event.cell_id,
    event.roam_type,
    event.other_operator,
    event.is_on_net,
    event.rat_type,
    event.duration_s,
    event.billed_minutes,
    event.bytes_up,
    event.bytes_down,
    event.charge_amt,
    event.is_free_unit,
    event.cause_type,
    event.partials,
    event.is_current,
    event.was_known,
    case
        when event.start_at >= date.peak_begins_at and event.start_at < date.peak_ends_at then 'peak'
        else 'off_peak'
    end as time_band,
    event.start_at < date.night_ends_at or event.start_at >= date.night_begins_at as is_night,
    not date.is_weekend and event.start_at >= date.work_begins_at and event.start_at < date.work_ends_at as is_work
from core.usage_event as event
left join core.bridge_msisdn as bridge
    on
        event.msisdn_key = bridge.msisdn_key
        and event.start_at >= bridge.valid_from
        and event.start_at < bridge.valid_to
left join core.dim_date as date on event.event_day = date.day
