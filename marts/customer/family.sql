/*
description: Households of two to eight people, by the lines that their members have; people at one address or on one account.
grain: [subscription_key]
public: true
portable: no - families are found by recursion, which Spark knows without distinct rows only
columns:
  family_key: bigint - Family; the party of it that was first known.
  subscription_key: bigint - Line that has not ended.
  party_key: bigint - Party that holds the line.
  role_type: varchar - main for the family's oldest line, sub for the others.
  evidence: varchar - address (flat of another member), account (that pays for another member), or both.
  members: integer - People of the family.
checks:
  - members between 2 and 8
*/
with recursive

line as (
    select
        subscription.subscription_key,
        subscription.party_key,
        subscription.account_key,
        subscription.activated_on
    from core.dim_subscription as subscription
    inner join core.dim_party as party on subscription.party_key = party.party_key
    where party.party_type = 'person' and subscription.status_type <> 'terminated'
),

-- Of several records of a party the one that was changed last says where it lives.
lived as (
    select
        xref.party_key,
        identity.home_address_key,
        row_number() over (
            partition by xref.party_key
            order by identity.home_address_key is null, identity.known_from desc, identity.customer_key desc
        ) as place
    from core.customer_identity as identity
    inner join core.xref_party as xref
        on identity.customer_key = xref.customer_key and xref.valid_to = date '9999-12-31'
    where identity.seen_to = date '9999-12-31'
),

-- A home is a flat, or for who told none the person alone.
home as (
    select
        party_key,
        coalesce(home_address_key, -party_key) as home_key
    from lived
    where place = 1 and party_key in (select party_key from line)
),

payer as (
    select distinct
        line.account_key,
        home.home_key
    from line
    inner join home on line.party_key = home.party_key
),

-- An account that pays for more homes than a family may have is a company's or a default, and joins nobody.
shared as (
    select account_key
    from payer
    group by account_key
    having count(*) between 2 and 8
),

link as (
    select distinct
        one.home_key,
        other.home_key as other_key
    from payer as one
    inner join shared on one.account_key = shared.account_key
    inner join payer as other on one.account_key = other.account_key and one.home_key <> other.home_key
),

reach as (
    select home_key, other_key
    from link
    union
    select reach.home_key, link.other_key
    from reach
    inner join link on reach.other_key = link.home_key
),

joined as (
    select
        home_key,
        least(home_key, min(other_key)) as joined_key
    from reach
    group by home_key
),

member as (
    select
        home.party_key,
        home.home_key,
        coalesce(joined.joined_key, home.home_key) as joined_key
    from home
    left join joined on home.home_key = joined.home_key
),

family as (
    select
        joined_key,
        min(party_key) as family_key,
        count(*) as members
    from member
    group by joined_key
    having count(*) between 2 and 8
),

household as (
    select
        family.family_key,
        family.members,
        member.party_key,
        count(*) over (partition by member.home_key) as at_home
    from family
    inner join member on family.joined_key = member.joined_key
)

select
    household.family_key,
    line.subscription_key,
    line.party_key,
    case
        when row_number() over (
            partition by household.family_key order by line.activated_on, line.subscription_key
        ) = 1 then 'main'
        else 'sub'
    end as role_type,
    case
        when household.at_home = 1 then 'account'
        when household.at_home = household.members then 'address'
        else 'both'
    end as evidence,
    household.members
from household
inner join line on household.party_key = line.party_key
