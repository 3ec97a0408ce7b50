/*
description: Customer records worth comparing, because they agree in what two records of one person hardly ever all differ in.
grain: [customer_key, other_customer_key, known_from]
refresh: view
columns:
  customer_key: bigint - The record that was changed or made later.
  known_from: date - Business day whose night first knew it so.
  other_customer_key: bigint - The record that was there.
  other_known_from: date - Business day whose night first knew the other as it was then.
*/
with

block as not materialized (
    select
        customer_key, known_from, seen_to, 'document' as kind, plain_document_key as key, cast(0 as bigint) as with_key
    from core.customer_identity
    union all
    select
        customer_key, known_from, seen_to, 'name, birth' as kind, plain_name_key as key,
        plain_birth_date_key as with_key
    from core.customer_identity
    where not is_organisation
    union all
    select
        customer_key, known_from, seen_to, 'name, street' as kind, plain_name_key as key, street_key as with_key
    from core.customer_identity
    where not is_organisation
    union all
    select
        customer_key, known_from, seen_to, 'name, phone' as kind, plain_name_key as key,
        contact_msisdn_key as with_key
    from core.customer_identity
    where not is_organisation
    union all
    select
        customer_key, known_from, seen_to, 'birth, street' as kind, plain_birth_date_key as key, street_key as with_key
    from core.customer_identity
    where not is_organisation
    union all
    select
        customer_key, known_from, seen_to, 'birth, phone' as kind, plain_birth_date_key as key,
        contact_msisdn_key as with_key
    from core.customer_identity
    where not is_organisation
)

select distinct
    newer.customer_key,
    newer.known_from,
    older.customer_key as other_customer_key,
    older.known_from as other_known_from
from block as newer
inner join block as older
    on newer.kind = older.kind and newer.key = older.key and newer.with_key = older.with_key
left join core.junk_document as junk on newer.kind = 'document' and newer.key = junk.plain_document_key
where
    newer.known_from < older.seen_to
    and (
        newer.known_from > older.known_from
        or (newer.known_from = older.known_from and newer.customer_key > older.customer_key)
    )
    and coalesce(junk.junk_from > newer.known_from, true)
