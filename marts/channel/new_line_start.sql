/*
description: What each new handset line did in the first days of its life, on the day it is old enough to be scored.
grain: [scored_on, subscription_key]
refresh: day
partition: scored_on
keep: 26 months
scope: subscription_key
public: false
reads:
  core.contact_day: 20 days
  core.place_day: 20 days
  mart_usage.subscriber_day: 20 days
  mart_channel.threshold: static
columns:
  scored_on: date - Day on which the line is as old as the threshold says; the days before it count, the activation included.
  subscription_key: bigint - Line.
  outlet_id: varchar - Outlet that sold it, as known that day; unknown when no source says.
  activated_on: date - Day of the first activation.
  first_used_on: date - First day with any event; null without any.
  contacts: integer - Distinct numbers that it called, wrote to or heard from in these days; withheld ones not counted.
  calls_made: integer - Calls made.
  calls_received: integer - Calls received.
  active_days: integer - Days with any event.
  cells: integer - Distinct cells in these days; the unknown one not counted.
  data_bytes: bigint - Bytes up and down.
checks:
  - first_used_on is null or first_used_on >= activated_on
*/
with

line as (
    select
        day as scored_on,
        subscription_key,
        coalesce(outlet_id, 'unknown') as outlet_id,
        line_type,
        first_activated_on
    from core.subscriber_day
    cross join mart_channel.threshold as threshold
    where day = first_activated_on + threshold.real_day and line_type = 'handset'
),

contact as (
    select
        line.subscription_key,
        count(distinct contact.other_msisdn_key) as contacts,
        sum(contact.calls_made) as calls_made,
        sum(contact.calls_received) as calls_received
    from line
    inner join core.contact_day as contact
        on
            line.subscription_key = contact.subscription_key
            and line.first_activated_on <= contact.day
            and line.scored_on > contact.day
    group by line.subscription_key
),

place as (
    select line.subscription_key, count(distinct place.cell_id) as cells
    from line
    inner join core.place_day as place
        on
            line.subscription_key = place.subscription_key
            and line.first_activated_on <= place.day
            and line.scored_on > place.day
            and place.cell_id <> -1
    group by line.subscription_key
),

used as (
    select
        line.subscription_key,
        min(used.day) as first_used_on,
        count(*) as active_days,
        sum(used.data_bytes) as data_bytes
    from line
    inner join mart_usage.subscriber_day as used
        on
            line.subscription_key = used.subscription_key
            and line.first_activated_on <= used.day
            and line.scored_on > used.day
    group by line.subscription_key
)

select
    line.scored_on,
    line.subscription_key,
    line.outlet_id,
    line.first_activated_on as activated_on,
    used.first_used_on,
    coalesce(contact.contacts, 0) as contacts,
    coalesce(contact.calls_made, 0) as calls_made,
    coalesce(contact.calls_received, 0) as calls_received,
    coalesce(used.active_days, 0) as active_days,
    coalesce(place.cells, 0) as cells,
    coalesce(used.data_bytes, 0) as data_bytes
from line
left join contact on line.subscription_key = contact.subscription_key
left join place on line.subscription_key = place.subscription_key
left join used on line.subscription_key = used.subscription_key
