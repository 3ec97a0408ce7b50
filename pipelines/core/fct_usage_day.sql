/*
description: Usage of each subscription and number by day, as known now; only measures that add up.
grain: [day, msisdn_key, subscription_key, service_type, direction_type, is_on_net, is_roaming, time_band]
refresh: view
partition: day
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
  events: bigint - Calls, messages or data sessions.
  duration_s: bigint - Duration of calls in seconds.
  billed_minutes: bigint - Started minutes of calls made.
  bytes_up: bigint - Bytes sent by the handset.
  bytes_down: bigint - Bytes received by the handset.
  charge_amt: decimal(18,6) - Rated charges.
  free_events: bigint - Events that an allowance covered.
  dropped_events: bigint - Calls that broke off.
  failed_events: bigint - Calls that were not set up.
*/
-- A group of events that counts now may lie in two rows: with and without those that came after its day closed.
select
    day,
    msisdn_key,
    subscription_key,
    service_type,
    direction_type,
    is_on_net,
    is_roaming,
    time_band,
    sum(events) as events,
    sum(duration_s) as duration_s,
    sum(billed_minutes) as billed_minutes,
    sum(bytes_up) as bytes_up,
    sum(bytes_down) as bytes_down,
    sum(charge_amt) as charge_amt,
    sum(free_events) as free_events,
    sum(dropped_events) as dropped_events,
    sum(failed_events) as failed_events
from core.usage_day_version
where is_current
group by
    day,
    msisdn_key,
    subscription_key,
    service_type,
    direction_type,
    is_on_net,
    is_roaming,
    time_band
