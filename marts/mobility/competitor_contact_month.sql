/*
description: Numbers of other mobile operators that each own number had contact with, by month.
grain: [month_start, msisdn_key, subscription_key, other_msisdn_key]
refresh: month
partition: month_start
keep: 8 months
open_month: false
scope: msisdn_key
reads:
  core.map_code: static
columns:
  month_start: date - First day of the month.
  msisdn_key: bigint - Own number.
  subscription_key: bigint - Line that held it; -1 when nobody did.
  other_msisdn_key: bigint - Number of the other operator.
  other_operator: varchar - That operator; the last by name of several.
  contact_days: integer - Days with contact.
  contacts: integer - Calls and messages, made and received.
  seconds: bigint - Duration of the calls.
  first_on: date - First day of contact in the month.
  last_on: date - Last day of contact in the month.
checks:
  - contact_days between 1 and contacts
  - first_on <= last_on
*/
select
    cast(date_trunc('month', contact.day) as date) as month_start,
    contact.msisdn_key,
    contact.subscription_key,
    contact.other_msisdn_key,
    max(contact.other_operator) as other_operator,
    count(*) as contact_days,
    sum(contact.calls_made + contact.calls_received + contact.messages_sent + contact.messages_received) as contacts,
    sum(contact.seconds_made + contact.seconds_received) as seconds,
    min(contact.day) as first_on,
    max(contact.day) as last_on
from core.contact_day as contact
inner join core.map_code as operator
    on
        operator.domain = 'operator_type'
        and operator.source = 'mediation'
        and operator.std_code = 'competitor'
        and contact.other_operator = operator.source_code
        and contact.day >= operator.valid_from
        and contact.day < operator.valid_to
where contact.other_msisdn_key is not null
group by
    cast(date_trunc('month', contact.day) as date),
    contact.msisdn_key,
    contact.subscription_key,
    contact.other_msisdn_key
