/*
description: Which party a customer record belongs to, day by day as it was known when each day closed.
grain: [source_type, customer_key, valid_from]
portable: no - the records of a party are found by recursion, which Spark knows without distinct rows only
columns:
  source_type: varchar - System that keeps the record; crm.
  customer_key: bigint - Customer record.
  party_key: bigint - Party; the record of it that was first known, or the record itself.
  rule_type: varchar - Strongest reason that joins it to another record; decision, document, weights, or single without any.
  score: decimal(5,4) - Certainty of that reason, 0 to 1; 1 for a single record.
  valid_from: date - First business day that closed with this.
  valid_to: date - First business day that closed otherwise; 9999-12-31 while it lasts.
checks:
  - valid_from < valid_to
  - party_key <= customer_key
  - rule_type <> 'single' or party_key = customer_key
*/
with recursive

link as (
    select customer_key, other_customer_key as member_key, rule_type, score, valid_from, reversed_on as valid_to
    from core.party_merge
    union all
    select
        other_customer_key as customer_key, customer_key as member_key, rule_type, score, valid_from,
        reversed_on as valid_to
    from core.party_merge
),

-- Who is joined to whom over others, and in which days all links of the way held.
reach as (
    select customer_key, member_key, valid_from, valid_to
    from link
    union
    select
        reach.customer_key,
        link.member_key,
        greatest(reach.valid_from, link.valid_from) as valid_from,
        least(reach.valid_to, link.valid_to) as valid_to
    from reach
    inner join link on reach.member_key = link.customer_key
    where
        reach.customer_key <> link.member_key
        and reach.valid_from < link.valid_to
        and reach.valid_to > link.valid_from
),

record as (
    select
        customer_key,
        min(seen_from) as seen_from
    from core.customer_identity
    group by customer_key
),

turn as (
    select customer_key, seen_from as turned_on
    from record
    where customer_key in (select customer_key from reach)
    union
    select customer_key, valid_from as turned_on
    from reach
    union
    select customer_key, valid_to as turned_on
    from reach
    where valid_to < date '9999-12-31'
),

joined as (
    select
        turn.customer_key,
        turn.turned_on,
        least(turn.customer_key, min(reach.member_key)) as party_key
    from turn
    left join reach
        on
            turn.customer_key = reach.customer_key
            and turn.turned_on >= reach.valid_from and turn.turned_on < reach.valid_to
    group by turn.customer_key, turn.turned_on
),

-- The words of the rules stand in the order of their strength.
reasoned as (
    select
        joined.customer_key,
        joined.turned_on,
        joined.party_key,
        coalesce(min(link.rule_type), 'single') as rule_type,
        coalesce(max(link.score), 1) as score
    from joined
    left join link
        on
            joined.customer_key = link.customer_key
            and joined.turned_on >= link.valid_from and joined.turned_on < link.valid_to
    group by joined.customer_key, joined.turned_on, joined.party_key
    union all
    select customer_key, seen_from as turned_on, customer_key as party_key, 'single' as rule_type, 1 as score
    from record
    where customer_key not in (select customer_key from reach)
),

compared as (
    select
        *,
        lag(hash(party_key, rule_type, score)) over (partition by customer_key order by turned_on) as state_before
    from reasoned
)

select
    'crm' as source_type,
    customer_key,
    party_key,
    rule_type,
    score,
    turned_on as valid_from,
    lead(turned_on, 1, date '9999-12-31') over (partition by customer_key order by turned_on) as valid_to
from compared
where state_before is distinct from hash(party_key, rule_type, score)
