/*
description: What happened to each ticket on each day on which it was touched, with the line and the customer it is about.
grain: [day, ticket_no]
refresh: day
partition: day
keep: 26 months
public: true
requires: [stg_care.ticket, stg_care.ticket_stage]
reads:
  core.dim_date: static
  core.map_code: static
  mart_service.threshold: static
columns:
  day: date - Business day on which the ticket was touched.
  ticket_no: varchar - Ticket.
  subscription_key: bigint - Line it is about, else the line of the caller's number that day; -1 when unknown.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are the line's at the close of the day, null when it is unknown.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population; false when the line is unknown.
  caller: varchar - Customer, else line, that contacts are compared by; null when nobody is known.
  ticket_type: varchar - Kind of request.
  reason_group: varchar - Reason, grouped; 'unknown' without one.
  contact_type: varchar - Where it came in; null when care does not say.
  opened_at: timestamp - When it was opened, UTC.
  is_opened: boolean - Opened that day.
  is_closed: boolean - Closed that day.
  is_reopened: boolean - Opened again that day.
  is_on_time: boolean - Closed that day within the time allowed from its opening; null unless closed that day.
  result_type: varchar - How it ended as last told; null while open.
  satisfaction: integer - Answer to the survey when closed that day, 1 to 5; null without one.
  is_satisfied: boolean - The answer is one that counts as satisfied; null without an answer.
checks:
  - satisfaction is null or satisfaction between 1 and 5
watch:
  - subscription_key <> -1
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by updated_on, ticket_no order by updated_at desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_care.ticket
    where superseded_on is null
),

touched as (
    select
        listed.*,
        date.begins_at,
        date.begins_at + interval 24 hours as ends_at,
        threshold.on_time_minutes,
        threshold.satisfied_from
    from listed
    inner join core.dim_date as date on listed.updated_on = date.day
    cross join mart_service.threshold as threshold
    where listed.place = 1
),

reopened as (
    select
        stage.delivery_id,
        stage.row_no,
        max(stage.reached_at) as reopened_at
    from stg_care.ticket_stage as stage
    inner join core.map_code as code
        on code.domain = 'stage_type' and code.source = 'care' and stage.stage_type = code.source_code
    where
        code.std_code = 'reopen'
        and stage.updated_on >= code.valid_from
        and stage.updated_on < code.valid_to
    group by stage.delivery_id, stage.row_no
),

number_day as (
    select
        day,
        msisdn_key,
        max(subscription_key) as subscription_key
    from core.subscriber_day
    where is_in_network
    group by day, msisdn_key
),

told as (
    select
        touched.*,
        coalesce(touched.subscription_key, number_day.subscription_key) as line_key,
        coalesce(touched.opened_at >= touched.begins_at, false) as is_new,
        coalesce(touched.closed_at >= touched.begins_at and touched.closed_at < touched.ends_at, false) as is_closing,
        coalesce(reopened.reopened_at >= touched.begins_at, false) as is_opening_again
    from touched
    left join reopened on touched.delivery_id = reopened.delivery_id and touched.row_no = reopened.row_no
    left join number_day on touched.updated_on = number_day.day and touched.msisdn_key = number_day.msisdn_key
)

select
    told.updated_on as day,
    told.ticket_no,
    coalesce(told.line_key, -1) as subscription_key,
    coalesce(line.party_key, -1) as party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    case
        when line.party_key <> -1 then 'customer ' || cast(line.party_key as varchar)
        when told.line_key is not null then 'line ' || cast(told.line_key as varchar)
    end as caller,
    told.ticket_type,
    coalesce(told.reason_group, 'unknown') as reason_group,
    told.channel_type as contact_type,
    told.opened_at,
    told.is_new as is_opened,
    told.is_closing as is_closed,
    told.is_opening_again as is_reopened,
    case
        when told.is_closing then told.closed_at <= told.opened_at + told.on_time_minutes * interval 1 minute
    end as is_on_time,
    told.result_type,
    case when told.is_closing then told.satisfaction end as satisfaction,
    case when told.is_closing then told.satisfaction >= told.satisfied_from end as is_satisfied
from told
left join core.subscriber_day as line on told.updated_on = line.day and told.line_key = line.subscription_key
