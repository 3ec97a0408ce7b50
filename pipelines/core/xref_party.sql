/*
description: Which party a customer record belongs to, day by day as it was known when each day closed.
grain: [source_type, customer_key, valid_from]
columns:
  source_type: varchar - System that keeps the record; crm.
  customer_key: bigint - Customer record.
  party_key: bigint - Party; the customer record that was first seen with the document, or the record itself.
  rule_type: varchar - document (shares an identity document), junk_document (shares one nobody can own) or single.
  score: decimal(5,4) - Certainty of the match, 0 to 1; 1 for these rules.
  valid_from: date - First business day that closed with this.
  valid_to: date - First business day that closed otherwise; 9999-12-31 while it lasts.
checks:
  - valid_from < valid_to
  - rule_type = 'document' or party_key = customer_key
*/
with

state as (
    select
        customer_key,
        document_key,
        name_key,
        seen_from,
        lag(document_key) over (partition by customer_key order by seen_from) as document_key_before,
        lag(seen_from) over (partition by customer_key order by seen_from) as seen_before
    from core.dim_customer
    where seen_from is not null
),

holding as (
    select
        customer_key,
        document_key,
        seen_from,
        lead(seen_from, 1, date '9999-12-31') over (partition by customer_key order by seen_from) as seen_to
    from state
    where seen_before is null or document_key is distinct from document_key_before
),

holder as (
    select
        document_key,
        customer_key,
        min(seen_from) as since,
        row_number() over (partition by document_key order by min(seen_from), customer_key) as place
    from holding
    where document_key is not null
    group by document_key, customer_key
),

bearer_name as (
    select
        document_key,
        name_key,
        min(seen_from) as since,
        row_number() over (partition by document_key order by min(seen_from), name_key) as place
    from state
    where document_key is not null and name_key is not null
    group by document_key, name_key
),

-- A document is junk from the day it has a sixth customer record or a third name: shops type one number for everybody.
document as (
    select
        document_key,
        min(case when kind = 'holder' and place = 1 then customer_key end) as party_key,
        coalesce(
            min(case when (kind = 'holder' and place = 6) or (kind = 'name' and place = 3) then since end),
            date '9999-12-31'
        ) as junk_from
    from (
        select 'holder' as kind, document_key, customer_key, since, place from holder
        union all
        select 'name' as kind, document_key, null as customer_key, since, place from bearer_name
    ) as evidence
    group by document_key
),

resolved as (
    select
        holding.customer_key,
        document.party_key,
        'document' as rule_type,
        holding.seen_from as valid_from,
        least(holding.seen_to, document.junk_from) as valid_to
    from holding
    inner join document on holding.document_key = document.document_key
    union all
    select
        holding.customer_key,
        holding.customer_key as party_key,
        case when document.document_key is null then 'single' else 'junk_document' end as rule_type,
        greatest(holding.seen_from, coalesce(document.junk_from, holding.seen_from)) as valid_from,
        holding.seen_to as valid_to
    from holding
    left join document on holding.document_key = document.document_key
)

select
    'crm' as source_type,
    customer_key,
    party_key,
    rule_type,
    1 as score,
    valid_from,
    valid_to
from resolved
where valid_from < valid_to
