/*
description: Calls and messages that came about, as known now, as short as behaviour needs them.
grain: [day, msisdn_key, is_call, event_id, begun_s]
refresh: day
partition: day
keep: 14 months
scope: msisdn_key
portable: no - counts seconds with DuckDB's epoch function
reads:
  core.dim_date: static
columns:
  day: date - Business day on which it began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  other_msisdn_key: bigint - The other party; null when withheld or unknown.
  is_call: boolean - A call; else a message.
  is_made: boolean - Made or sent by the line; else received.
  begun_s: bigint - When it began, in whole seconds since 1970 in UTC.
  event_id: bigint - Reference given by mediation; it orders what began in the same second.
  duration_s: integer - Duration of a call in seconds; 0 for messages.
  cell_id: integer - Cell in which it began; null when the record names none.
  is_weekend: boolean - On a Saturday or Sunday.
  is_night: boolean - From 19:00 to 07:00 on the operator's clock; as in bandicoot, 07:00:00 sharp is still night.
checks:
  - duration_s >= 0
*/
select
    event.event_day as day,
    event.msisdn_key,
    event.subscription_key,
    event.other_msisdn_key,
    event.service_type = 'voice' as is_call,
    event.direction_type = 'mo' as is_made,
    cast(floor(epoch(event.start_at)) as bigint) as begun_s,
    event.event_id,
    case when event.service_type = 'voice' then event.duration_s else 0 end as duration_s,
    event.cell_id,
    date.is_weekend,
    event.is_night or event.start_at = date.night_ends_at as is_night
from core.line_event as event
left join core.dim_date as date on event.event_day = date.day
where event.service_type <> 'data' and event.is_current and event.cause_type <> 'failed'
