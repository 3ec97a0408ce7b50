/*
description: Usage of each subscription and number by day, as counted now and as counted when the day closed; only measures that add up.
grain: [day, msisdn_key, subscription_key, service_type, direction_type, is_on_net, is_roaming, time_band, is_current, was_known]
refresh: day
partition: day
keep: 26 months
scope: msisdn_key
columns:
  day: date - Business day on which the events began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  service_type: varchar - voice, sms or data.
  direction_type: varchar - mo (made) or mt (received); data is mo.
  is_on_net: boolean - Whether the other party is a customer of this operator.
  is_roaming: boolean - Whether it happened outside the home network, nationally or abroad.
  time_band: varchar - peak (08:00 to 20:00 on the operator's clock) or off_peak.
  is_current: boolean - Counts as known now.
  was_known: boolean - Counted when its day closed.
  events: bigint - Calls, messages or data sessions.
  duration_s: bigint - Duration of calls in seconds.
  billed_minutes: bigint - Started minutes of calls made.
  bytes_up: bigint - Bytes sent by the handset.
  bytes_down: bigint - Bytes received by the handset.
  charge_amt: decimal(18,6) - Rated charges.
  free_events: bigint - Events that an allowance covered.
  dropped_events: bigint - Calls that broke off.
  failed_events: bigint - Calls that were not set up.
checks:
  - is_current or was_known
  - events > 0
  - duration_s >= 0 and billed_minutes >= 0 and bytes_up >= 0 and bytes_down >= 0
watch:
  - subscription_key <> -1
*/
select
    event.event_day as day,
    event.msisdn_key,
    event.subscription_key,
    event.service_type,
    event.direction_type,
    event.is_on_net,
    event.roam_type <> 'home' as is_roaming,
    event.time_band,
    event.is_current,
    event.was_known,
    count(*) as events,
    sum(event.duration_s) as duration_s,
    sum(event.billed_minutes) as billed_minutes,
    sum(event.bytes_up) as bytes_up,
    sum(event.bytes_down) as bytes_down,
    sum(event.charge_amt) as charge_amt,
    sum(case when event.is_free_unit then 1 else 0 end) as free_events,
    sum(case when event.cause_type = 'dropped' then 1 else 0 end) as dropped_events,
    sum(case when event.cause_type = 'failed' then 1 else 0 end) as failed_events
from core.line_event as event
group by
    event.event_day,
    event.msisdn_key,
    event.subscription_key,
    event.service_type,
    event.direction_type,
    event.is_on_net,
    event.roam_type <> 'home',
    event.time_band,
    event.is_current,
    event.was_known
