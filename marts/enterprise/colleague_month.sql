/*
description: Own numbers that had contact by day on several working days of a month, from the records of the first.
grain: [month_start, msisdn_key, other_msisdn_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
scope: msisdn_key
reads:
  mart_enterprise.threshold: static
columns:
  month_start: date - First day of the month.
  msisdn_key: bigint - Number whose records tell of it.
  other_msisdn_key: bigint - The other number.
  contact_days: integer - Days, Monday to Friday, with calls or messages between 07:00 and 19:00.
  contacts: integer - Calls and messages between 07:00 and 19:00 on these days, made and received.
checks:
  - contact_days between 1 and contacts
  - msisdn_key <> other_msisdn_key
*/
with

by_day as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        day,
        msisdn_key,
        other_msisdn_key,
        sum(calls_made + calls_received + messages_sent + messages_received - night_events) as contacts
    from core.contact_day
    where other_operator = 'own' and other_msisdn_key <> msisdn_key and pf_iso_dow(day) <= 5
    group by cast(date_trunc('month', day) as date), day, msisdn_key, other_msisdn_key
),

pair as (
    select
        month_start,
        msisdn_key,
        other_msisdn_key,
        count(*) as contact_days,
        sum(contacts) as contacts
    from by_day
    where contacts > 0
    group by month_start, msisdn_key, other_msisdn_key
)

select
    pair.month_start,
    pair.msisdn_key,
    pair.other_msisdn_key,
    pair.contact_days,
    pair.contacts
from pair
cross join mart_enterprise.threshold as threshold
where pair.contact_days >= threshold.colleague_days
