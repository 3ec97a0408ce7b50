/*
description: Who each line called, wrote to and heard from, by day, as known now.
grain: [day, msisdn_key, subscription_key, other_msisdn_key]
nullable: [other_msisdn_key]
refresh: day
partition: day
keep: 14 months
scope: msisdn_key
columns:
  day: date - Business day on which the calls and messages began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  other_msisdn_key: bigint - The other party; null for all that were withheld or unknown.
  other_operator: varchar - Operator of the other party, own for own numbers; the last by name of several; null when unknown.
  calls_made: integer - Calls made that were set up, dropped ones included.
  calls_received: integer - Calls received that were set up, dropped ones included.
  seconds_made: bigint - Duration of the calls made.
  seconds_received: bigint - Duration of the calls received.
  messages_sent: integer - Messages sent, without those that failed.
  messages_received: integer - Messages received, without those that failed.
  night_events: integer - Of these calls and messages, those begun from 19:00 to 07:00 on the operator's clock.
  first_at: timestamp - When the first of them began, UTC.
  last_at: timestamp - When the last of them began, UTC.
checks:
  - calls_made + calls_received + messages_sent + messages_received > 0
  - night_events between 0 and calls_made + calls_received + messages_sent + messages_received
  - seconds_made >= 0 and seconds_received >= 0
  - first_at <= last_at
*/
with

event as not materialized (
    select
        event.event_day as day,
        event.msisdn_key,
        event.subscription_key,
        event.other_msisdn_key,
        event.other_operator,
        event.service_type = 'voice' as is_call,
        event.direction_type = 'mo' as is_made,
        event.duration_s,
        event.start_at,
        event.is_night
    from core.line_event as event
    where event.service_type <> 'data' and event.is_current and event.cause_type <> 'failed'
)

select
    day,
    msisdn_key,
    subscription_key,
    other_msisdn_key,
    max(other_operator) as other_operator,
    count(*) filter (where is_call and is_made) as calls_made,
    count(*) filter (where is_call and not is_made) as calls_received,
    coalesce(sum(duration_s) filter (where is_call and is_made), 0) as seconds_made,
    coalesce(sum(duration_s) filter (where is_call and not is_made), 0) as seconds_received,
    count(*) filter (where not is_call and is_made) as messages_sent,
    count(*) filter (where not is_call and not is_made) as messages_received,
    count(*) filter (where is_night) as night_events,
    min(start_at) as first_at,
    max(start_at) as last_at
from event
group by
    day,
    msisdn_key,
    subscription_key,
    other_msisdn_key
