/*
description: >-
  New lines beside lines that left about the time, wherever papers, payer, handset or several contacts are the same, with
  all that speaks for one owner.
grain: [month_start, new_subscription_key, old_month_start, old_subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
reads:
  mart_device.trace_month: 92 days
  mart_device.threshold: static
columns:
  month_start: date - First day of the month after the new line's activation, with whose end the pair is judged.
  new_subscription_key: bigint - New line.
  old_month_start: date - First day of the month in which the old line left.
  old_subscription_key: bigint - Line that left.
  is_same_party: boolean - Both are the same party's by its papers; null when those of one are unknown.
  is_same_payer: boolean - One account pays for both; null when that of one is unknown.
  is_same_handset: boolean - A handset that few others use carries a good part of both; null when one shows no handset.
  shared_contacts: integer - Contacts of both circles that few others have; null when one has no circle.
  circle_likeness: decimal(9,6) - Cosine of the two circles over square roots of events, 0 to 1; null when one has none.
  is_same_home: boolean - Both are used most in the same cell by night; null when that of one is unknown.
checks:
  - new_subscription_key <> old_subscription_key
  - circle_likeness is null or circle_likeness between 0 and 1.001
*/
with

trace as (
    select
        trace_month.*,
        case trace_month.trace_type
            when 'home' then false
            when 'handset'
                then
                    trace_month.event_share >= threshold.handset_share
                    and count(*) over one_key <= threshold.handset_lines
            else count(*) over one_key <= threshold.crowded_lines
        end as is_telling,
        threshold.shared_contacts
    from mart_device.trace_month
    cross join mart_device.threshold as threshold
    window one_key as (
        partition by trace_month.month_start, trace_month.trace_type, trace_month.trace_key
    )
),

shared as (
    select
        new.month_start,
        new.subscription_key as new_subscription_key,
        old.month_start as old_month_start,
        old.subscription_key as old_subscription_key,
        bool_or(new.trace_type = 'party') as is_same_party,
        bool_or(new.trace_type = 'payer') as is_same_payer,
        bool_or(new.trace_type = 'handset') as is_same_handset,
        count(case when new.trace_type = 'contact' then 1 end) as shared_contacts,
        cast(round(sum(
            case when new.trace_type = 'contact' then sqrt(cast(new.event_share * old.event_share as double)) else 0 end
        ), 6) as decimal(9, 6)) as circle_likeness
    from trace as new
    inner join trace as old
        on
            new.trace_type = old.trace_type
            and new.trace_key = old.trace_key
            and new.subscription_key <> old.subscription_key
            and old.month_start between new.month_start - interval 3 month and new.month_start
    where new.side_type = 'joiner' and old.side_type = 'leaver' and new.is_telling and old.is_telling
    group by new.month_start, new.subscription_key, old.month_start, old.subscription_key
    having
        bool_or(new.trace_type <> 'contact')
        or count(case when new.trace_type = 'contact' then 1 end) >= min(new.shared_contacts)
),

known as (
    select
        month_start,
        side_type,
        subscription_key,
        bool_or(trace_type = 'party') as has_party,
        bool_or(trace_type = 'payer') as has_payer,
        bool_or(trace_type = 'handset') as has_handset,
        bool_or(trace_type = 'contact') as has_circle,
        max(case when trace_type = 'home' then trace_key end) as home_cell_id
    from trace
    group by month_start, side_type, subscription_key
)

select
    shared.month_start,
    shared.new_subscription_key,
    shared.old_month_start,
    shared.old_subscription_key,
    case when new.has_party and old.has_party then shared.is_same_party end as is_same_party,
    case when new.has_payer and old.has_payer then shared.is_same_payer end as is_same_payer,
    case when new.has_handset and old.has_handset then shared.is_same_handset end as is_same_handset,
    case when new.has_circle and old.has_circle then shared.shared_contacts end as shared_contacts,
    case when new.has_circle and old.has_circle then shared.circle_likeness end as circle_likeness,
    new.home_cell_id = old.home_cell_id as is_same_home
from shared
inner join known as new
    on
        shared.month_start = new.month_start
        and shared.new_subscription_key = new.subscription_key
        and new.side_type = 'joiner'
inner join known as old
    on
        shared.old_month_start = old.month_start
        and shared.old_subscription_key = old.subscription_key
        and old.side_type = 'leaver'
