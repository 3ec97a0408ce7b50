/*
description: >-
  Candidates for a return under a new number, each with the parts of its score, what could not be compared, and the
  decision; a pair of lines that were used side by side is a second card, not a return.
grain: [month_start, new_subscription_key, old_month_start, old_subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
reads:
  mart_device.mover_month: 92 days
  mart_device.threshold: static
columns:
  month_start: date - First day of the month after the new line's activation, with whose end the pair is judged.
  new_subscription_key: bigint - New line.
  old_subscription_key: bigint - Line that left.
  new_month_start: date - First day of the month in which the base counts the new line as gross add.
  old_month_start: date - First day of the month in which the base counts the old line as churn.
  joined_on: date - Day of the new line's activation.
  left_on: date - Day that closed with the old line out of the network.
  gap_days: integer - Days from leaving to activation; negative when the new line came first.
  party_key: bigint - Party of the new line; null when unknown.
  document_score: decimal(5,4) - Part of the score for the same papers; null when papers could not be compared.
  handset_score: decimal(5,4) - Part for the same handset; null when handsets could not be compared.
  circle_score: decimal(5,4) - Part for the likeness of the call circles; null when circles could not be compared.
  home_score: decimal(5,4) - Part for the same cell at night; null when homes could not be compared.
  payer_score: decimal(5,4) - Part for the same payer; null when payers could not be compared.
  shared_contacts: integer - Contacts of both circles that few others have; null when one has no circle.
  score: decimal(5,4) - Sum of the parts.
  comparable_share: decimal(5,4) - Weights of what could be compared by all weights; 1 when nothing is missing.
  confidence: decimal(5,4) - Score, at most 1, times what could be compared; lower where papers or handsets are missing.
  is_second_card: boolean - The old line was used on beside the new one.
  is_re_entry: boolean - Score reached, in time, and no second card.
  new_place: integer - Place of the pair among those of the new line, returns by score first, 1 the best.
checks:
  - confidence between 0 and 1
  - not (is_re_entry and is_second_card)
*/
with

compared as (
    select
        pair.*,
        new.movement_month_start as new_month_start,
        new.moved_on as joined_on,
        old.moved_on as left_on,
        date_diff('day', old.moved_on, new.moved_on) as gap_days,
        new.party_key,
        coalesce(date_diff('day', new.moved_on, old.last_event_on) > threshold.overlap_days, false) as is_second_card,
        case when pair.is_same_party then threshold.document_weight when not pair.is_same_party then 0 end
            as document_score,
        case when pair.is_same_handset then threshold.handset_weight when not pair.is_same_handset then 0 end
            as handset_score,
        cast(round(pair.circle_likeness * threshold.circle_weight, 4) as decimal(5, 4)) as circle_score,
        case when pair.is_same_home then threshold.home_weight when not pair.is_same_home then 0 end as home_score,
        case when pair.is_same_payer then threshold.payer_weight when not pair.is_same_payer then 0 end as payer_score,
        case when pair.is_same_party is null then 0 else threshold.document_weight end
        + case when pair.is_same_handset is null then 0 else threshold.handset_weight end
        + case when pair.circle_likeness is null then 0 else threshold.circle_weight end
        + case when pair.is_same_home is null then 0 else threshold.home_weight end
        + case when pair.is_same_payer is null then 0 else threshold.payer_weight end as comparable_weight,
        threshold.document_weight + threshold.handset_weight + threshold.circle_weight + threshold.home_weight
        + threshold.payer_weight as all_weight,
        threshold.re_entry_score,
        threshold.days_before,
        threshold.days_after
    from mart_device.re_entry_pair_month as pair
    inner join mart_device.mover_month as new
        on
            pair.month_start = new.month_start
            and pair.new_subscription_key = new.subscription_key
            and new.side_type = 'joiner'
    inner join mart_device.mover_month as old
        on
            pair.old_month_start = old.month_start
            and pair.old_subscription_key = old.subscription_key
            and old.side_type = 'leaver'
    cross join mart_device.threshold as threshold
),

scored as (
    select
        *,
        coalesce(document_score, 0) + coalesce(handset_score, 0) + coalesce(circle_score, 0)
        + coalesce(home_score, 0) + coalesce(payer_score, 0) as score,
        cast(round(pf_div(comparable_weight, all_weight), 4) as decimal(5, 4)) as comparable_share
    from compared
    where gap_days between -days_before and days_after
),

judged as (
    select
        *,
        score >= re_entry_score and not is_second_card as is_re_entry
    from scored
)

select
    month_start,
    new_subscription_key,
    old_subscription_key,
    new_month_start,
    old_month_start,
    joined_on,
    left_on,
    gap_days,
    party_key,
    document_score,
    handset_score,
    circle_score,
    home_score,
    payer_score,
    shared_contacts,
    score,
    comparable_share,
    cast(round(least(score, 1) * comparable_share, 4) as decimal(5, 4)) as confidence,
    is_second_card,
    is_re_entry,
    row_number() over (
        partition by month_start, new_subscription_key
        order by is_re_entry desc, score desc, abs(gap_days) asc, old_subscription_key desc, old_month_start desc
    ) as new_place
from judged
