/*
description: What brings customer records together to be compared; one row per record, stretch and kind of agreement.
grain: [customer_key, known_from, kind]
refresh: view
columns:
  customer_key: bigint - Customer record.
  known_from: date - Business day whose night first knew it so.
  seen_to: date - First business day that closed otherwise.
  kind: varchar - What agrees.
  key: bigint - Its first half; null where the record lacks it.
  with_key: bigint - Its second half; 0 where there is none, null where the record lacks it.
*/
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
