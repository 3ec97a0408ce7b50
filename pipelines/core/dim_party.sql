/*
description: People and organisations behind the customer records, as known now.
grain: [party_key]
columns:
  party_key: bigint - Party; the customer record that stands for it.
  party_type: varchar - person or organisation.
  gender: varchar - M, F or U (unknown).
  birth_year: integer - Year of birth; null when unknown and for organisations.
  segment_type: varchar - personal, enterprise, official or test.
  vip_level: integer - Highest of its records, 0 to 5.
  is_blacklisted: boolean - Whether one of its records is.
  has_consent: boolean - Whether all of its records allow marketing contact.
  area_id: varchar - Area of the record that stands for it.
  customers: integer - Customer records.
  first_seen_on: date - First day of its oldest record.
checks:
  - customers >= 1
*/
with

member as (
    select
        xref.party_key,
        customer.customer_key,
        customer.vip_level,
        customer.is_blacklisted,
        customer.has_consent
    from core.xref_party as xref
    inner join core.dim_customer as customer on xref.customer_key = customer.customer_key and customer.is_current
    where xref.valid_to = date '9999-12-31'
),

beginning as (
    select
        customer_key,
        min(valid_from) as first_seen_on
    from core.dim_customer
    group by customer_key
),

grouped as (
    select
        member.party_key,
        max(member.vip_level) as vip_level,
        bool_or(member.is_blacklisted) as is_blacklisted,
        bool_and(member.has_consent) as has_consent,
        count(*) as customers,
        min(beginning.first_seen_on) as first_seen_on
    from member
    inner join beginning on member.customer_key = beginning.customer_key
    group by member.party_key
)

select
    grouped.party_key,
    case when leader.segment_type in ('enterprise', 'official') then 'organisation' else 'person' end as party_type,
    leader.gender,
    case when leader.segment_type not in ('enterprise', 'official') then leader.birth_year end as birth_year,
    leader.segment_type,
    grouped.vip_level,
    grouped.is_blacklisted,
    grouped.has_consent,
    leader.area_id,
    grouped.customers,
    grouped.first_seen_on
from grouped
left join core.dim_customer as leader on grouped.party_key = leader.customer_key and leader.is_current
