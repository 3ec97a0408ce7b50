/*
description: Which party the records of every system belong to, as known now - customers, lines, paying accounts, numbers, enterprises.
grain: [source_type, source_key]
refresh: view
optional: {stg_enterprise.enterprise: no enterprises among the records}
columns:
  source_type: varchar - crm (customer record), provisioning (line), billing (account), number (caller in care and electronic channels) or enterprise.
  source_key: varchar - Key of the record in that system; the integer key where it is personal.
  party_key: bigint - Party.
  rule_type: varchar - What says so; decision, document, weights or single for customers, holder, payer, customer or name for the rest.
  score: decimal(5,4) - Certainty, 0 to 1; of an account, the share of its lines that the party holds.
*/
with

paid as (
    select
        account_key,
        party_key,
        count(*) as lines
    from core.dim_subscription
    where account_key is not null and party_key is not null
    group by account_key, party_key
),

payer as (
    select
        *,
        sum(lines) over (partition by account_key) as all_lines,
        row_number() over (partition by account_key order by -lines, party_key) as place
    from paid
),

listed as (
    select
        enterprise_id,
        customer_key,
        name_key,
        row_number() over (
            partition by enterprise_id order by snapshot_on desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_enterprise.enterprise
    where superseded_on is null
),

-- Enterprises without a customer number are found by their name, when one party only has it.
named as (
    select
        customer.name_key,
        min(xref.party_key) as party_key
    from core.dim_customer as customer
    inner join core.xref_party as xref
        on customer.customer_key = xref.customer_key and xref.valid_to = date '9999-12-31'
    where customer.is_current and customer.segment_type = 'enterprise' and customer.name_key is not null
    group by customer.name_key
    having count(distinct xref.party_key) = 1
)

select
    'crm' as source_type,
    cast(customer_key as varchar) as source_key,
    party_key,
    rule_type,
    score
from core.xref_party
where valid_to = date '9999-12-31'
union all
select
    'provisioning' as source_type,
    cast(subscription_key as varchar) as source_key,
    party_key,
    'holder' as rule_type,
    1 as score
from core.dim_subscription
where party_key is not null
union all
select
    'billing' as source_type,
    cast(account_key as varchar) as source_key,
    party_key,
    'payer' as rule_type,
    round(pf_div(lines, all_lines), 4) as score
from payer
where place = 1
union all
select
    'number' as source_type,
    cast(held.msisdn_key as varchar) as source_key,
    subscription.party_key,
    'holder' as rule_type,
    1 as score
from core.bridge_msisdn as held
inner join core.dim_subscription as subscription on held.subscription_key = subscription.subscription_key
where held.valid_to = timestamp '9999-12-31 00:00:00' and subscription.party_key is not null
union all
select
    'enterprise' as source_type,
    listed.enterprise_id as source_key,
    coalesce(xref.party_key, named.party_key) as party_key,
    case when xref.party_key is not null then 'customer' else 'name' end as rule_type,
    case when xref.party_key is not null then 1 else 0.95 end as score
from listed
left join core.xref_party as xref on listed.customer_key = xref.customer_key and xref.valid_to = date '9999-12-31'
left join named on listed.name_key = named.name_key
where listed.place = 1 and coalesce(xref.party_key, named.party_key) is not null
