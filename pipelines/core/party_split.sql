/*
description: Stretches in which rules may join a customer record to others; only of records that people ever split off.
grain: [customer_key, free_from]
optional: {stg_desk.party_decision: no record was ever split off}
columns:
  customer_key: bigint - Customer record.
  free_from: date - First business day that closed with the rules in force; 1900-01-01 before the first split.
  free_to: date - First business day that closed with the record split off; 9999-12-31 when it is not.
*/
with

split as (
    select
        split.customer_key,
        split.decision_no,
        split.known_on as split_on,
        coalesce(least(split.superseded_on, min(release.known_on)), date '9999-12-31') as released_on
    from stg_desk.party_decision as split
    left join stg_desk.party_decision as release
        on
            split.customer_key = release.customer_key
            and release.decision_type = 'release'
            and split.decided_at < release.decided_at
            and release.superseded_on is null
    where split.decision_type = 'split' and (split.superseded_on is null or split.superseded_on > split.known_on)
    group by split.customer_key, split.decision_no, split.known_on, split.superseded_on
),

stretch as (
    select
        customer_key,
        coalesce(max(released_on) over (
            partition by customer_key order by split_on, decision_no rows between unbounded preceding and 1 preceding
        ), date '1900-01-01') as free_from,
        split_on as free_to
    from split
    union all
    select
        customer_key,
        max(released_on) as free_from,
        date '9999-12-31' as free_to
    from split
    group by customer_key
)

-- A record that is split off for good has a stretch of no length, which keeps it from being taken for one never split.
select
    customer_key,
    free_from,
    max(free_to) as free_to
from stretch
where free_from <= free_to
group by customer_key, free_from
