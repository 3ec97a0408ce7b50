/*
description: >-
  Returns under a new number, one old line to a new one at most, with the evidence and how sure it is.
grain: [new_subscription_key]
public: true
columns:
  new_subscription_key: bigint - New line.
  old_subscription_key: bigint - Line that its owner gave up.
  new_month_start: date - First day of the month in which the base counts the new line as gross add.
  old_month_start: date - First day of the month in which the base counts the old line as churn.
  joined_on: date - Day of the new line's activation.
  left_on: date - Day that closed with the old line out of the network.
  gap_days: integer - Days from leaving to activation; negative when the new line came first.
  party_key: bigint - Party of the new line; null when unknown.
  has_same_papers: boolean - Papers of the same party; null when papers could not be compared.
  has_same_handset: boolean - Same handset; null when handsets could not be compared.
  shared_contacts: integer - Contacts that both circles share and few others have; null when one has no circle.
  score: decimal(5,4) - Sum of the weights of what agrees.
  comparable_share: decimal(5,4) - Weights of what could be compared by all weights; 1 when nothing is missing.
  confidence: decimal(5,4) - Score, at most 1, times what could be compared; lower where papers or handsets are missing.
  returns_in_row: integer - This return and those shortly before it of the same line's chain or party; 2 or more is a repeated one.
checks:
  - confidence between 0 and 1
  - returns_in_row >= 1
*/
with

best as (
    select
        *,
        row_number() over (
            partition by new_subscription_key
            order by score desc, abs(gap_days) asc, month_start asc, old_subscription_key desc
        ) as place
    from mart_device.re_entry_month
    where is_re_entry and new_place = 1
),

claim as (
    select
        *,
        row_number() over (
            partition by old_subscription_key, old_month_start
            order by score desc, abs(gap_days) asc, new_subscription_key desc
        ) as old_place
    from best
    where place = 1
),

pair as (
    select *
    from claim
    where old_place = 1
),

earlier as (
    select
        pair.new_subscription_key,
        count(distinct before.new_subscription_key) as returns_before
    from pair
    cross join mart_device.threshold as threshold
    inner join pair as before
        on
            (pair.old_subscription_key = before.new_subscription_key or pair.party_key = before.party_key)
            and pair.new_subscription_key <> before.new_subscription_key
            and pair.joined_on >= before.joined_on
            and pair.joined_on - threshold.multi_months * interval 1 month < before.joined_on
    group by pair.new_subscription_key
)

select
    pair.new_subscription_key,
    pair.old_subscription_key,
    pair.new_month_start,
    pair.old_month_start,
    pair.joined_on,
    pair.left_on,
    pair.gap_days,
    pair.party_key,
    pair.document_score > 0 as has_same_papers,
    pair.handset_score > 0 as has_same_handset,
    pair.shared_contacts,
    pair.score,
    pair.comparable_share,
    pair.confidence,
    1 + coalesce(earlier.returns_before, 0) as returns_in_row
from pair
left join earlier on pair.new_subscription_key = earlier.new_subscription_key
