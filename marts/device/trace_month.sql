/*
description: >-
  What an owner takes along from one line to the next: papers, payer, call circle, handsets and home cell of every new line
  in its first days and of every line before it left.
grain: [month_start, side_type, subscription_key, trace_type, trace_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
scope: subscription_key
reads:
  core.contact_day: 91 days
  core.device_day: 91 days
  core.place_day: 91 days
  mart_device.threshold: static
columns:
  month_start: date - First day of the month of leaving; of a new line, of the month after its activation.
  side_type: varchar - joiner (a new line) or leaver.
  subscription_key: bigint - Line.
  trace_type: varchar - party, payer, contact, handset or home.
  trace_key: bigint - Party, account, number of the contact, handset (IMEI without check digit) or cell.
  events: bigint - Calls and messages with the contact; events with the handset; events by night in the cell; 1 for party and payer.
  event_share: decimal(9,6) - Part of these in all of the line's traces of the kind.
  place: integer - Place among them by events, 1 the most; a tie goes to the lower key.
checks:
  - event_share between 0 and 1
  - place >= 1
  - events > 0
*/
with

mover as (
    select
        mover_month.month_start,
        mover_month.side_type,
        mover_month.subscription_key,
        mover_month.party_key,
        mover_month.account_key,
        greatest(cast(mover_month.month_start - interval 91 day as date), case mover_month.side_type
            when 'joiner' then mover_month.moved_on
            else mover_month.moved_on - threshold.contact_days + 1
        end) as contact_from,
        greatest(cast(mover_month.month_start - interval 91 day as date), case mover_month.side_type
            when 'joiner' then mover_month.moved_on
            else mover_month.moved_on - threshold.handset_days + 1
        end) as used_from,
        case mover_month.side_type
            when 'joiner' then mover_month.moved_on + threshold.newcomer_days - 1
            else mover_month.moved_on
        end as to_day,
        threshold.circle_size
    from mart_device.mover_month
    cross join mart_device.threshold as threshold
    where mover_month.line_type = 'handset'
),

trace as (
    select
        month_start, side_type, subscription_key, circle_size, 'party' as trace_type,
        party_key as trace_key,
        1 as events
    from mover
    where party_key is not null
    union all
    select
        month_start, side_type, subscription_key, circle_size, 'payer' as trace_type,
        account_key as trace_key,
        1 as events
    from mover
    where account_key is not null
    union all
    select
        mover.month_start, mover.side_type, mover.subscription_key, mover.circle_size, 'contact' as trace_type,
        contact.other_msisdn_key as trace_key,
        contact.calls_made + contact.calls_received + contact.messages_sent + contact.messages_received as events
    from mover
    inner join core.contact_day as contact
        on
            mover.subscription_key = contact.subscription_key
            and contact.day between mover.contact_from and mover.to_day
    where contact.other_msisdn_key is not null
    union all
    select
        mover.month_start, mover.side_type, mover.subscription_key, mover.circle_size, 'handset' as trace_type,
        device.imei_body_key as trace_key,
        device.events
    from mover
    inner join core.device_day as device
        on mover.subscription_key = device.subscription_key and device.day between mover.used_from and mover.to_day
    where device.is_valid
    union all
    select
        mover.month_start, mover.side_type, mover.subscription_key, mover.circle_size, 'home' as trace_type,
        location.cell_id as trace_key,
        location.night_events as events
    from mover
    inner join core.place_day as location
        on mover.subscription_key = location.subscription_key and location.day between mover.used_from and mover.to_day
    where location.cell_id <> -1 and location.night_events > 0
),

summed as (
    select month_start, side_type, subscription_key, trace_type, trace_key, circle_size, sum(events) as events
    from trace
    group by month_start, side_type, subscription_key, trace_type, trace_key, circle_size
),

placed as (
    select
        *,
        sum(events) over (partition by month_start, side_type, subscription_key, trace_type) as all_events,
        row_number() over (
            partition by month_start, side_type, subscription_key, trace_type order by events desc, trace_key asc
        ) as place
    from summed
)

select
    month_start,
    side_type,
    subscription_key,
    trace_type,
    trace_key,
    events,
    cast(round(pf_div(events, all_events), 6) as decimal(9, 6)) as event_share,
    place
from placed
where case trace_type when 'contact' then place <= circle_size when 'home' then place = 1 else true end
