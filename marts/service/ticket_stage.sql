/*
description: Stages of every ticket with the time spent in each and whether it took too long, as last told.
grain: [ticket_no, stage_no]
public: true
requires: [stg_care.ticket, stg_care.ticket_stage]
columns:
  ticket_no: varchar - Ticket.
  stage_no: integer - Place in the ticket's history, from 1.
  stage_type: varchar - accept, dispatch, handle, escalate, reply, revisit, close or reopen; UNK for a stage without a meaning.
  agent_name: varchar - Who took it there; null when care does not say.
  reached_at: timestamp - When it was reached, UTC.
  left_at: timestamp - When the next one was reached, UTC; null while it lasts, and for the last of a closed ticket.
  stage_minutes: bigint - Minutes in the stage, up to the close of the night's day while it lasts; null once closed.
  limit_minutes: integer - Minutes allowed in the stage; null where there is no limit.
  is_overdue: boolean - It took or is taking longer than allowed.
checks:
  - left_at is null or left_at >= reached_at
*/
with

listed as (
    select
        ticket_no,
        delivery_id,
        row_no,
        row_number() over (
            partition by ticket_no order by updated_at desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_care.ticket
    where superseded_on is null
),

stage as (
    select
        told.ticket_no,
        coalesce(code.std_code, 'UNK') as stage_type,
        told.agent_name,
        told.reached_at,
        row_number() over in_order as stage_no,
        lead(told.reached_at) over in_order as left_at
    from stg_care.ticket_stage as told
    inner join listed
        on told.delivery_id = listed.delivery_id and told.row_no = listed.row_no and listed.place = 1
    left join core.map_code as code
        on
            code.domain = 'stage_type'
            and code.source = 'care'
            and told.stage_type = code.source_code
            and told.updated_on >= code.valid_from
            and told.updated_on < code.valid_to
    window in_order as (partition by told.ticket_no order by told.reached_at, told.stage_no)
),

timed as (
    select
        stage.*,
        cast(
            floor((epoch(coalesce(stage.left_at, date.begins_at + interval 24 hours)) - epoch(stage.reached_at)) / 60)
            as bigint
        ) as elapsed_minutes,
        stage.stage_type = 'close' and stage.left_at is null as is_over,
        case stage.stage_type
            when 'accept' then threshold.accept_limit_minutes
            when 'dispatch' then threshold.dispatch_limit_minutes
            when 'handle' then threshold.handle_limit_minutes
            when 'escalate' then threshold.escalate_limit_minutes
            when 'reply' then threshold.reply_limit_minutes
            when 'revisit' then threshold.revisit_limit_minutes
            when 'reopen' then threshold.reopen_limit_minutes
        end as limit_minutes
    from stage
    cross join mart_service.threshold as threshold
    left join core.dim_date as date on date.day = getvariable('as_of')
)

select
    ticket_no,
    stage_no,
    stage_type,
    agent_name,
    reached_at,
    left_at,
    case when stage_type <> 'close' or left_at is not null then elapsed_minutes end as stage_minutes,
    limit_minutes,
    coalesce(elapsed_minutes > limit_minutes, false) and not is_over as is_overdue
from timed
