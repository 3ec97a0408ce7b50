/*
description: Every ticket as a closed loop - who, why, the moment of each stage, what was late, how it ended and what is still owed.
grain: [ticket_no]
public: true
requires: [stg_care.ticket, stg_care.ticket_stage]
columns:
  ticket_no: varchar - Ticket.
  subscription_key: bigint - Line it is about; -1 when unknown.
  party_key: bigint - Customer as resolved on the day of the last touch; -1 when unknown.
  ticket_type: varchar - Kind of request.
  reason_group: varchar - Reason, grouped.
  contact_type: varchar - Where it came in.
  priority_type: varchar - Priority.
  owner_name: varchar - Team that owns it.
  opened_at: timestamp - When it was opened, UTC.
  accepted_at: timestamp - When it was taken in, UTC; moments are null while not reached or when care does not tell the stage.
  dispatched_at: timestamp - When it was first given to a team, UTC.
  handled_at: timestamp - When a team had first dealt with it, UTC.
  escalated_at: timestamp - When it was first passed on, UTC.
  replied_at: timestamp - When the customer was first told, UTC.
  revisited_at: timestamp - When the customer was first asked again, UTC.
  closed_at: timestamp - When it was last closed, UTC; null while open.
  reopened_at: timestamp - When it was last opened again, UTC.
  reopenings: integer - How often it was opened again.
  accept_minutes: bigint - Minutes in the stage accept, all its visits together; null without one.
  dispatch_minutes: bigint - Minutes in the stage dispatch.
  handle_minutes: bigint - Minutes in the stage handle.
  escalate_minutes: bigint - Minutes in the stage escalate.
  reply_minutes: bigint - Minutes in the stage reply.
  revisit_minutes: bigint - Minutes in the stage revisit.
  reopen_minutes: bigint - Minutes in the stage reopen.
  cycle_minutes: bigint - Minutes from opening to the last closing; null while open.
  overdue_stages: integer - Stages that took or are taking longer than allowed.
  overdue_stage: varchar - The stage it is in, when that is overdue; null else.
  is_open: boolean - Not closed.
  is_on_time: boolean - Closed within the time allowed from opening; null while open.
  result_type: varchar - How it ended; null while open.
  satisfaction: integer - Answer to the survey, 1 to 5; null without one.
  is_revisit_due: boolean - Closed, in the sample that must be asked again, and not yet asked.
  is_in_revisit_sample: boolean - In the sample by its number alone, so the sample is the same for everybody, for ever.
checks:
  - is_open = (closed_at is null)
  - not (is_revisit_due and is_open)
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by ticket_no order by updated_at desc, known_on desc, delivery_id desc, row_no desc
        ) as place,
        md5(ticket_no) as digest
    from stg_care.ticket
    where superseded_on is null
),

known as (
    select
        ticket_no,
        subscription_key,
        party_key,
        row_number() over (partition by ticket_no order by day desc) as place
    from mart_service.ticket_day
),

loop as (
    select
        ticket_no,
        min(case when stage_type = 'accept' then reached_at end) as accepted_at,
        min(case when stage_type = 'dispatch' then reached_at end) as dispatched_at,
        min(case when stage_type = 'handle' then reached_at end) as handled_at,
        min(case when stage_type = 'escalate' then reached_at end) as escalated_at,
        min(case when stage_type = 'reply' then reached_at end) as replied_at,
        min(case when stage_type = 'revisit' then reached_at end) as revisited_at,
        max(case when stage_type = 'reopen' then reached_at end) as reopened_at,
        sum(case when stage_type = 'reopen' then 1 else 0 end) as reopenings,
        sum(case when stage_type = 'accept' then stage_minutes end) as accept_minutes,
        sum(case when stage_type = 'dispatch' then stage_minutes end) as dispatch_minutes,
        sum(case when stage_type = 'handle' then stage_minutes end) as handle_minutes,
        sum(case when stage_type = 'escalate' then stage_minutes end) as escalate_minutes,
        sum(case when stage_type = 'reply' then stage_minutes end) as reply_minutes,
        sum(case when stage_type = 'revisit' then stage_minutes end) as revisit_minutes,
        sum(case when stage_type = 'reopen' then stage_minutes end) as reopen_minutes,
        sum(case when is_overdue then 1 else 0 end) as overdue_stages,
        max(case when is_overdue and left_at is null then stage_type end) as overdue_stage
    from mart_service.ticket_stage
    group by ticket_no
),

-- The first four hexadecimal digits of the number's digest, as 0 to 65535: evenly spread and the same on every engine.
drawn as (
    select
        listed.*,
        (
            (instr('0123456789abcdef', substr(digest, 1, 1)) - 1) * 4096
            + (instr('0123456789abcdef', substr(digest, 2, 1)) - 1) * 256
            + (instr('0123456789abcdef', substr(digest, 3, 1)) - 1) * 16
            + instr('0123456789abcdef', substr(digest, 4, 1)) - 1
        ) < threshold.revisit_share * 65536 as is_in_revisit_sample,
        threshold.on_time_minutes
    from listed
    cross join mart_service.threshold as threshold
    where listed.place = 1
)

select
    drawn.ticket_no,
    coalesce(drawn.subscription_key, known.subscription_key, -1) as subscription_key,
    coalesce(known.party_key, -1) as party_key,
    drawn.ticket_type,
    coalesce(drawn.reason_group, 'unknown') as reason_group,
    drawn.channel_type as contact_type,
    drawn.priority_type,
    drawn.owner_name,
    drawn.opened_at,
    loop.accepted_at,
    loop.dispatched_at,
    loop.handled_at,
    loop.escalated_at,
    loop.replied_at,
    loop.revisited_at,
    drawn.closed_at,
    loop.reopened_at,
    coalesce(loop.reopenings, 0) as reopenings,
    loop.accept_minutes,
    loop.dispatch_minutes,
    loop.handle_minutes,
    loop.escalate_minutes,
    loop.reply_minutes,
    loop.revisit_minutes,
    loop.reopen_minutes,
    cast(floor((epoch(drawn.closed_at) - epoch(drawn.opened_at)) / 60) as bigint) as cycle_minutes,
    coalesce(loop.overdue_stages, 0) as overdue_stages,
    case when drawn.closed_at is null then loop.overdue_stage end as overdue_stage,
    drawn.closed_at is null as is_open,
    drawn.closed_at <= drawn.opened_at + drawn.on_time_minutes * interval 1 minute as is_on_time,
    drawn.result_type,
    drawn.satisfaction,
    drawn.is_in_revisit_sample and drawn.closed_at is not null and loop.revisited_at is null as is_revisit_due,
    drawn.is_in_revisit_sample
from drawn
left join loop on drawn.ticket_no = loop.ticket_no
left join known on drawn.ticket_no = known.ticket_no and known.place = 1
