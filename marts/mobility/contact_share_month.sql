/*
description: How the contacts of each line divide over the operators of the other parties, by month.
grain: [month_start, msisdn_key, subscription_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
scope: msisdn_key
public: true
reads:
  core.map_code: static
columns:
  month_start: date - First day of the month.
  msisdn_key: bigint - Own number.
  subscription_key: bigint - Line that held it; -1 when nobody did.
  contacts: bigint - Calls and messages, made and received.
  own_contacts: bigint - Of these, those with numbers of this operator.
  competitor_contacts: bigint - Of these, those with numbers of other mobile operators.
  fixed_contacts: bigint - Of these, those with fixed networks.
  service_contacts: bigint - Of these, those with short numbers.
  unknown_contacts: bigint - Of these, those with numbers of nobody known, or of an operator without a meaning.
  competitor_share: decimal(7,6) - Share of the competitors in the contacts with mobile numbers; null without any.
checks:
  - contacts = own_contacts + competitor_contacts + fixed_contacts + service_contacts + unknown_contacts
  - competitor_share between 0 and 1
*/
with

contact as (
    select
        cast(date_trunc('month', contact.day) as date) as month_start,
        contact.msisdn_key,
        contact.subscription_key,
        coalesce(operator.std_code, 'UNK') as operator_type,
        contact.calls_made + contact.calls_received + contact.messages_sent + contact.messages_received as contacts
    from core.contact_day as contact
    left join core.map_code as operator
        on
            operator.domain = 'operator_type'
            and operator.source = 'mediation'
            and contact.other_operator = operator.source_code
            and contact.day >= operator.valid_from
            and contact.day < operator.valid_to
),

summed as (
    select
        month_start,
        msisdn_key,
        subscription_key,
        sum(contacts) as contacts,
        sum(case operator_type when 'own' then contacts else 0 end) as own_contacts,
        sum(case operator_type when 'competitor' then contacts else 0 end) as competitor_contacts,
        sum(case operator_type when 'fixed' then contacts else 0 end) as fixed_contacts,
        sum(case operator_type when 'service' then contacts else 0 end) as service_contacts
    from contact
    group by month_start, msisdn_key, subscription_key
)

select
    month_start,
    msisdn_key,
    subscription_key,
    contacts,
    own_contacts,
    competitor_contacts,
    fixed_contacts,
    service_contacts,
    contacts - own_contacts - competitor_contacts - fixed_contacts - service_contacts as unknown_contacts,
    round(pf_div(competitor_contacts, own_contacts + competitor_contacts), 6) as competitor_share
from summed
