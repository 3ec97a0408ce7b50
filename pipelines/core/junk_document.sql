/*
description: Identity document numbers that nobody can own, because shops type one number for everybody who shows none.
grain: [plain_document_key]
columns:
  plain_document_key: bigint - Identity document number.
  junk_from: date - First business day that closed with a sixth customer record or a third name under it.
*/
with

holder as (
    select
        plain_document_key,
        min(seen_from) as since,
        row_number() over (partition by plain_document_key order by min(seen_from), customer_key) as place
    from core.customer_identity
    where plain_document_key is not null
    group by plain_document_key, customer_key
),

bearer_name as (
    select
        plain_document_key,
        min(seen_from) as since,
        row_number() over (partition by plain_document_key order by min(seen_from), plain_name_key) as place
    from core.customer_identity
    where plain_document_key is not null and plain_name_key is not null
    group by plain_document_key, plain_name_key
)

select
    plain_document_key,
    min(since) as junk_from
from (
    select plain_document_key, since
    from holder
    where place = 6
    union all
    select plain_document_key, since
    from bearer_name
    where place = 3
) as evidence
group by plain_document_key
