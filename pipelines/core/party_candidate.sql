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
select distinct
    newer.customer_key,
    newer.known_from,
    older.customer_key as other_customer_key,
    older.known_from as other_known_from
from core.identity_block as newer
inner join core.identity_block as older
    on newer.kind = older.kind and newer.key = older.key and newer.with_key = older.with_key
left join core.junk_document as junk on newer.kind = 'document' and newer.key = junk.plain_document_key
left join core.crowded_block as crowd
    on newer.kind = crowd.kind and newer.key = crowd.key and newer.with_key = crowd.with_key
where
    newer.known_from < older.seen_to
    and (
        newer.known_from > older.known_from
        or (newer.known_from = older.known_from and newer.customer_key > older.customer_key)
    )
    and coalesce(junk.junk_from > newer.known_from, true)
    and coalesce(crowd.crowded_from > newer.known_from, true)
