/*
description: Lines that one person uses, whoever's papers were shown for them; lines of companies are left out.
grain: [subscription_key]
public: true
portable: no - the lines of a person are found by recursion, which Spark knows without distinct rows only
optional: {stg_device.subscriber_device: papers alone tell who uses a line}
columns:
  person_key: bigint - Person; the party of the first of the lines.
  subscription_key: bigint - Line, in network or left.
  party_key: bigint - Party whose papers were shown when the line was activated.
  evidence: varchar - document (papers of the same party as another line), handset (shared with a line of another party), both, or none.
  lines: integer - Lines of the person.
checks:
  - lines >= 1
*/
with recursive

begun as (
    select
        subscription_key,
        customer_key,
        row_number() over (partition by subscription_key order by valid_from) as place
    from core.subscription_period
    where is_in_network
),

-- A line in use that changes its owner changes papers, seldom hands: the first owner's person goes on using it.
line as (
    select
        begun.subscription_key,
        xref.party_key,
        subscription.outlet_id
    from begun
    inner join core.dim_subscription as subscription on begun.subscription_key = subscription.subscription_key
    inner join core.xref_party as xref
        on begun.customer_key = xref.customer_key and xref.valid_to = date '9999-12-31'
    inner join core.dim_party as party on xref.party_key = party.party_key
    where begun.place = 1 and party.party_type = 'person'
),

-- A handset seen with a line on three days is used with it; one that four lines use is a clone or a dealer's.
used as (
    select
        subscription_key,
        imei_body_key
    from stg_device.subscriber_device
    where superseded_on is null and imei_body_key is not null
    group by subscription_key, imei_body_key
    having date_diff('day', min(first_seen_on), max(last_seen_on)) >= 2
),

shared as (
    select imei_body_key
    from used
    group by imei_body_key
    having count(*) between 2 and 3
),

holder as (
    select distinct
        used.imei_body_key,
        used.subscription_key,
        line.party_key,
        line.outlet_id
    from used
    inner join shared on used.imei_body_key = shared.imei_body_key
    inner join line on used.subscription_key = line.subscription_key
),

-- Cards that one outlet sold and one handset carries are the dealer's own.
link as (
    select distinct
        one.party_key,
        other.party_key as other_key
    from holder as one
    inner join holder as other
        on
            one.imei_body_key = other.imei_body_key
            and one.party_key <> other.party_key
            and one.outlet_id is distinct from other.outlet_id
),

reach as (
    select party_key, other_key
    from link
    union
    select reach.party_key, link.other_key
    from reach
    inner join link on reach.other_key = link.party_key
),

person as (
    select
        party_key,
        least(party_key, min(other_key)) as person_key
    from reach
    group by party_key
),

grouped as (
    select
        line.subscription_key,
        line.party_key,
        coalesce(person.person_key, line.party_key) as person_key,
        count(*) over (partition by line.party_key) as party_lines,
        count(*) over (partition by coalesce(person.person_key, line.party_key)) as lines
    from line
    left join person on line.party_key = person.party_key
)

select
    person_key,
    subscription_key,
    party_key,
    case
        when lines = 1 then 'none'
        when lines = party_lines then 'document'
        when party_lines = 1 then 'handset'
        else 'both'
    end as evidence,
    lines
from grouped
