/*
description: Cells in which each line was used, by day, with what happened there, as known now.
grain: [day, msisdn_key, subscription_key, cell_id]
refresh: day
partition: day
keep: 14 months
scope: msisdn_key
columns:
  day: date - Business day on which the events began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  cell_id: integer - Cell in which the events began; -1 for all whose records name none, such as those abroad.
  events: integer - Calls, messages and data sessions; failed calls included.
  night_events: integer - Of these, those begun from 19:00 to 07:00 on the operator's clock.
  work_events: integer - Of these, those begun from 09:00 to 17:00 on Monday to Friday, public holidays not excepted.
  calls: integer - Calls made and received, dropped and failed ones included.
  dropped_calls: integer - Calls that broke off.
  failed_calls: integer - Calls that were not set up.
  voice_s: bigint - Duration of the calls in seconds.
  data_events: integer - Data sessions.
  bytes: bigint - Bytes up and down.
  roaming_events: integer - Events outside the home network, nationally or abroad.
checks:
  - events > 0
  - night_events + work_events between 0 and events
  - dropped_calls + failed_calls between 0 and calls
  - calls + data_events <= events
  - roaming_events between 0 and events
  - voice_s >= 0 and bytes >= 0
*/
with

event as not materialized (
    select
        event.event_day as day,
        event.msisdn_key,
        event.subscription_key,
        coalesce(event.cell_id, -1) as cell_id,
        event.service_type = 'voice' as is_call,
        event.service_type = 'data' as is_data,
        event.cause_type,
        event.duration_s,
        event.bytes_up + event.bytes_down as bytes,
        event.roam_type <> 'home' as is_roaming,
        event.is_night,
        event.is_work
    from core.line_event as event
    where event.is_current
)

select
    day,
    msisdn_key,
    subscription_key,
    cell_id,
    count(*) as events,
    count(*) filter (where is_night) as night_events,
    count(*) filter (where is_work) as work_events,
    count(*) filter (where is_call) as calls,
    count(*) filter (where is_call and cause_type = 'dropped') as dropped_calls,
    count(*) filter (where is_call and cause_type = 'failed') as failed_calls,
    sum(duration_s) as voice_s,
    count(*) filter (where is_data) as data_events,
    sum(bytes) as bytes,
    count(*) filter (where is_roaming) as roaming_events
from event
group by
    day,
    msisdn_key,
    subscription_key,
    cell_id
