/*
description: Which handsets each new line was used in during the first days of its life.
grain: [scored_on, subscription_key, imei_body_key]
refresh: day
partition: scored_on
keep: 26 months
scope: subscription_key
reads:
  core.device_day: 20 days
  mart_channel.threshold: static
columns:
  scored_on: date - Day on which the line is as old as the threshold says; the days before it count.
  subscription_key: bigint - Line.
  imei_body_key: bigint - Handset, by the first fourteen digits of its IMEI; constants and cut-off numbers are left out.
  events: integer - Calls, messages and sessions.
checks:
  - events > 0
*/
with

line as (
    select day as scored_on, subscription_key, first_activated_on
    from core.subscriber_day
    cross join mart_channel.threshold as threshold
    where day = first_activated_on + threshold.real_day and line_type = 'handset'
)

select
    line.scored_on,
    line.subscription_key,
    device.imei_body_key,
    sum(device.events) as events
from line
inner join core.device_day as device
    on
        line.subscription_key = device.subscription_key
        and line.first_activated_on <= device.day
        and line.scored_on > device.day
where device.is_valid and device.imei_body_key is not null
group by line.scored_on, line.subscription_key, device.imei_body_key
