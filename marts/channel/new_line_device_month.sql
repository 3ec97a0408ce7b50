/*
description: Which handsets each new line was used in during the month after its activation.
grain: [month_start, subscription_key, imei_body_key]
refresh: month
partition: month_start
keep: 26 months
scope: subscription_key
open_month: false
columns:
  month_start: date - First day of the month after the activation.
  subscription_key: bigint - Line activated in the month before.
  imei_body_key: bigint - Handset, by the first fourteen digits of its IMEI; constants and cut-off numbers are left out.
  outlet_id: varchar - Outlet that sold the line; null when unknown.
  party_key: bigint - Customer; -1 when unknown.
  events: integer - Calls, messages and sessions.
checks:
  - events > 0
*/
with

new_line as (
    select cast(date_trunc('month', day) as date) as month_start, subscription_key, outlet_id, party_key
    from core.subscriber_day
    where
        day = last_day(day)
        and date_trunc('month', first_activated_on) = date_trunc('month', day) - interval 1 month
)

select
    new_line.month_start,
    new_line.subscription_key,
    device.imei_body_key,
    new_line.outlet_id,
    new_line.party_key,
    sum(device.events) as events
from core.device_day as device
inner join new_line
    on
        device.subscription_key = new_line.subscription_key
        and cast(date_trunc('month', device.day) as date) = new_line.month_start
where device.is_valid and device.imei_body_key is not null
group by
    new_line.month_start, new_line.subscription_key, device.imei_body_key, new_line.outlet_id, new_line.party_key
