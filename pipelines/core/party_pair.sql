/*
description: Customer records that may be one person's, compared on the day that brought the newer of the two as it is then.
grain: [customer_key, other_customer_key, compared_on]
refresh: day
partition: compared_on
frozen: true
columns:
  customer_key: bigint - The record that was changed or made later.
  other_customer_key: bigint - The record that was there.
  compared_on: date - Business day whose night compared them.
  other_known_from: date - Business day whose night first knew the other record as it was compared.
  name_level: varchar - How far the names agree; same, part (all but one character), other or missing.
  birth_level: varchar - The birth dates; part is the same day of the year, the same month, or both numbers turned round.
  document_level: varchar - The identity documents; part is one half of the number, missing also two kinds of document.
  address_level: varchar - The addresses; part is the same street and number.
  phone_level: varchar - The contact numbers; same, other or missing.
  gender_level: varchar - The genders; same, other or missing.
  match_weight: decimal(9,4) - Sum of the weights; pairs below 0 are not kept unless they share a document.
  weights_version: integer - Fit whose weights were applied.
checks:
  - customer_key <> other_customer_key
  - match_weight is not null
*/
with

compared as (
    select
        candidate.*,
        newer.is_organisation or older.is_organisation as is_organisation,
        case
            when newer.plain_name_key is null or older.plain_name_key is null then 'missing'
            when newer.plain_name_key = older.plain_name_key then 'same'
            when newer.name_front_key = older.name_front_key or newer.name_back_key = older.name_back_key then 'part'
            else 'other'
        end as name_level,
        case
            when newer.plain_birth_date_key is null or older.plain_birth_date_key is null then 'missing'
            when newer.plain_birth_date_key = older.plain_birth_date_key then 'same'
            when newer.birth_day_key = older.birth_day_key or newer.birth_month_key = older.birth_month_key then 'part'
            when newer.birth_turned_key = older.birth_turned_key then 'part'
            else 'other'
        end as birth_level,
        case
            when newer.plain_document_key is null or older.plain_document_key is null then 'missing'
            when least(junk.junk_from, older_junk.junk_from) <= candidate.known_from then 'missing'
            when newer.plain_document_key = older.plain_document_key then 'same'
            when newer.document_type <> older.document_type then 'missing'
            when newer.document_head_key = older.document_head_key then 'part'
            when newer.document_tail_key = older.document_tail_key then 'part'
            else 'other'
        end as document_level,
        case
            when newer.plain_address_key is null or older.plain_address_key is null then 'missing'
            when newer.plain_address_key = older.plain_address_key then 'same'
            when newer.street_key = older.street_key then 'part'
            else 'other'
        end as address_level,
        case
            when newer.contact_msisdn_key is null or older.contact_msisdn_key is null then 'missing'
            when newer.contact_msisdn_key = older.contact_msisdn_key then 'same'
            else 'other'
        end as phone_level,
        case
            when newer.gender is null or older.gender is null then 'missing'
            when newer.gender = older.gender then 'same'
            else 'other'
        end as gender_level
    from core.party_candidate as candidate
    inner join core.customer_identity as newer
        on candidate.customer_key = newer.customer_key and candidate.known_from = newer.known_from
    inner join core.customer_identity as older
        on candidate.other_customer_key = older.customer_key and candidate.other_known_from = older.known_from
    left join core.junk_document as junk on newer.plain_document_key = junk.plain_document_key
    left join core.junk_document as older_junk on older.plain_document_key = older_junk.plain_document_key
),

-- What is missing on a side weighs nothing.
weighed as (
    select
        compared.*,
        start.version,
        start.match_weight + coalesce(naming.match_weight, 0) + coalesce(birth.match_weight, 0)
        + coalesce(document.match_weight, 0) + coalesce(address.match_weight, 0) + coalesce(phone.match_weight, 0)
        + coalesce(gender.match_weight, 0) as match_weight
    from compared
    inner join core.identity_weight as start on start.comparison = 'prior'
    left join core.identity_weight as naming on naming.comparison = 'name' and compared.name_level = naming.level
    left join core.identity_weight as birth on birth.comparison = 'birth' and compared.birth_level = birth.level
    left join core.identity_weight as document
        on document.comparison = 'document' and compared.document_level = document.level
    left join core.identity_weight as address
        on address.comparison = 'address' and compared.address_level = address.level
    left join core.identity_weight as phone on phone.comparison = 'phone' and compared.phone_level = phone.level
    left join core.identity_weight as gender on gender.comparison = 'gender' and compared.gender_level = gender.level
)

select
    customer_key,
    other_customer_key,
    known_from as compared_on,
    other_known_from,
    name_level,
    birth_level,
    document_level,
    address_level,
    phone_level,
    gender_level,
    match_weight,
    version as weights_version
from weighed
where document_level = 'same' or (match_weight >= 0 and not is_organisation)
