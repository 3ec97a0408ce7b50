/*
description: Why two customer records count as one party, from when, and what reversed it; the log of all merges.
grain: [customer_key, other_customer_key, rule_type, valid_from]
optional: {stg_desk.party_decision: rules alone decide}
columns:
  customer_key: bigint - Customer record.
  other_customer_key: bigint - The record it is one party with.
  rule_type: varchar - decision (people said so), document (one identity document) or weights (what is the same outweighs the rest).
  score: decimal(5,4) - Certainty that it is one person, 0 to 1.
  evidence: varchar - What agrees, or the reason given by people.
  decided_by: varchar - Account of who decided; rules, or the fit whose weights did.
  valid_from: date - First business day that closed with the merge.
  reversed_on: date - First business day that closed without it; 9999-12-31 while it holds.
  reversal_type: varchar - decision, junk document or record changed; null while it holds.
checks:
  - valid_from < reversed_on
  - score > 0 and score <= 1
*/
with

judged as (
    select
        pair.*,
        greatest(newer.seen_from, older.seen_from) as known_from,
        least(newer.seen_to, older.seen_to) as changed_on,
        coalesce(junk.junk_from, date '9999-12-31') as junk_from,
        pair.match_weight - shared.match_weight as weight_without_document,
        bound.match_weight as bound,
        concat_ws(
            ', ', case when pair.name_level in ('same', 'part') then 'name ' || pair.name_level end,
            case when pair.birth_level in ('same', 'part') then 'birth ' || pair.birth_level end,
            case when pair.document_level in ('same', 'part') then 'document ' || pair.document_level end,
            case when pair.address_level in ('same', 'part') then 'address ' || pair.address_level end,
            case when pair.phone_level = 'same' then 'phone same' end
        ) as evidence
    from core.party_pair as pair
    inner join core.customer_identity as newer
        on pair.customer_key = newer.customer_key and pair.compared_on = newer.known_from
    inner join core.customer_identity as older
        on pair.other_customer_key = older.customer_key and pair.other_known_from = older.known_from
    left join core.junk_document as junk
        on newer.plain_document_key = junk.plain_document_key and pair.document_level = 'same'
    inner join core.identity_weight as shared on shared.comparison = 'document' and shared.level = 'same'
    inner join core.identity_weight as bound on bound.comparison = 'decision'
),

-- A document that turns out to be nobody's stops to count; the rest may still be enough.
ruled as (
    select
        customer_key, other_customer_key, 'document' as rule_type, cast(99 as decimal(9, 4)) as match_weight, evidence,
        'rules' as decided_by, known_from as valid_from, least(changed_on, junk_from) as valid_to, junk_from
    from judged
    where document_level = 'same'
    union all
    select
        customer_key, other_customer_key, 'weights' as rule_type,
        case when document_level = 'same' then weight_without_document else match_weight end as match_weight, evidence,
        'weights ' || weights_version as decided_by,
        case when document_level = 'same' then greatest(known_from, junk_from) else known_from end as valid_from,
        changed_on as valid_to, date '9999-12-31' as junk_from
    from judged
    where case when document_level = 'same' then weight_without_document else match_weight end >= bound
),

free as (
    select
        ruled.*,
        greatest(
            ruled.valid_from, coalesce(one.free_from, ruled.valid_from), coalesce(other.free_from, ruled.valid_from)
        ) as free_from,
        least(ruled.valid_to, coalesce(one.free_to, ruled.valid_to), coalesce(other.free_to, ruled.valid_to)) as free_to
    from ruled
    left join core.party_split as one on ruled.customer_key = one.customer_key
    left join core.party_split as other on ruled.other_customer_key = other.customer_key
),

-- What people merged stays so until people split one of the two.
decided as (
    select
        merge.customer_key,
        merge.other_customer_key,
        merge.decision_no,
        merge.reason_type,
        merge.decided_by,
        merge.known_on,
        coalesce(least(merge.superseded_on, min(split.known_on)), date '9999-12-31') as reversed_on
    from stg_desk.party_decision as merge
    left join stg_desk.party_decision as split
        on
            split.decision_type = 'split'
            and split.customer_key in (merge.customer_key, merge.other_customer_key)
            and merge.decided_at < split.decided_at
    where
        merge.decision_type = 'merge'
        and merge.customer_key in (select customer_key from core.customer_identity)
        and merge.other_customer_key in (select customer_key from core.customer_identity)
    group by
        merge.customer_key, merge.other_customer_key, merge.decision_no, merge.reason_type, merge.decided_by,
        merge.known_on, merge.superseded_on
)

select
    customer_key,
    other_customer_key,
    rule_type,
    case when rule_type = 'document' then 1 else round(pf_div(1, 1 + pow(2, -match_weight)), 4) end as score,
    evidence,
    decided_by,
    free_from as valid_from,
    free_to as reversed_on,
    case
        when free_to = date '9999-12-31' then null
        when free_to < valid_to then 'decision'
        when free_to = junk_from then 'junk document'
        else 'record changed'
    end as reversal_type
from free
where free_from < free_to
union all
select
    customer_key,
    other_customer_key,
    'decision' as rule_type,
    1 as score,
    min(reason_type) as evidence,
    min(decided_by) as decided_by,
    known_on as valid_from,
    max(reversed_on) as reversed_on,
    case when max(reversed_on) < date '9999-12-31' then 'decision' end as reversal_type
from decided
where known_on < reversed_on
group by customer_key, other_customer_key, known_on
