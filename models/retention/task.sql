/*
description: >-
  Every warning as a task - who takes it, by when, what was said, offered and answered, and whether the line was still in
  network when that was verified. Tasks that people opened without a warning are there too, with trigger 'none'.
grain: [task_id]
public: true
optional:
  stg_desk.task_event: nobody has acted on any task
  churn.score_month: no tasks of the model
columns:
  task_id: varchar - Day of the warning and subscription, as in 20260131-4711.
  subscription_key: bigint - Subscription.
  raised_on: date - Business day of the warning.
  trigger_type: varchar - port_enquiry, complaint, contract_t1, model, contract_t2, contract_t3 or downgrade; none without a warning.
  priority: integer - 1 is the most urgent; null without a warning.
  owner: varchar - Team that takes it; null without a warning.
  due_on: date - Last day for the first contact; null without a warning.
  expected_profit_amt: decimal(18,6) - Expected profit of the contact; null unless the line is on the list.
  state_type: varchar - new (nobody has acted), assigned, contacted, offered or closed; expired when nobody closed it before staying was judged.
  handler: varchar - Account of who acted last; null before anybody did.
  contacted_at: timestamp - When somebody first tried to speak to the customer, UTC; null before.
  offer_id: varchar - Offer made last; null without one.
  outcome_type: varchar - accepted, declined, not_reached or no_need, as closed last; null before.
  closed_at: timestamp - When it was closed, UTC; null while open.
  is_on_time: boolean - First contact by the due day; null while it may still be, and without a warning.
  verified_on: date - Day at whose close staying is judged.
  has_stayed: boolean - In network at that close; null before.
  pay_type: varchar - prepaid or postpaid; attributes are those on the day of the warning, null without one.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population; false without a warning.
checks:
  - (state_type = 'closed') = (closed_at is not null)
  - state_type = 'expired' or (state_type = 'new') = (handler is null)
  - state_type <> 'expired' or has_stayed is not null
*/
with

warning as (
    select
        raised_on, subscription_key, trigger_type, priority, expected_profit_amt, pay_type, brand, plan_id, area_id,
        channel_type, segment_type, is_commercial
    from retention.warning_month
    union all
    select
        raised_on, subscription_key, trigger_type, priority, null as expected_profit_amt, pay_type, brand, plan_id,
        area_id, channel_type, segment_type, is_commercial
    from retention.warning_day
),

-- A line of both tables on one day is one task, of the more urgent reason.
ranked as (
    select
        *,
        max(expected_profit_amt) over (partition by raised_on, subscription_key) as profit_amt,
        row_number() over (partition by raised_on, subscription_key order by priority, trigger_type) as place
    from warning
),

step as (
    select
        *,
        row_number() over (
            partition by raised_on, subscription_key order by acted_at desc, event_no desc
        ) as place,
        row_number() over (
            partition by raised_on, subscription_key, action_type order by acted_at desc, event_no desc
        ) as place_of_action
    from core.fct_task_event
),

handled as (
    select
        raised_on,
        subscription_key,
        max(case when place = 1 then action_type end) as state_type,
        max(case when place = 1 then handler end) as handler,
        min(case when action_type in ('contacted', 'offered') then acted_at end) as contacted_at,
        min(case when action_type in ('contacted', 'offered') then acted_on end) as contacted_on,
        max(case when action_type = 'offered' and place_of_action = 1 then offer_id end) as offer_id,
        max(case when action_type = 'closed' and place_of_action = 1 then outcome_type end) as outcome_type,
        max(case when place = 1 and action_type = 'closed' then acted_at end) as closed_at
    from step
    group by raised_on, subscription_key
),

known as (
    select raised_on, subscription_key from ranked
    where place = 1
    union
    select raised_on, subscription_key from handled
),

due as (
    select
        known.raised_on,
        known.subscription_key,
        cast(known.raised_on + threshold.verify_days * interval 1 day as date) as verified_on
    from known
    cross join retention.threshold as threshold
),

-- What a line was at the close of a day is what it was when the next day began.
verified as (
    select
        due.raised_on,
        due.subscription_key,
        bool_or(period.is_in_network) as has_stayed
    from due
    inner join core.dim_date as date on due.verified_on = date.day
    inner join core.subscription_period as period
        on
            due.subscription_key = period.subscription_key
            and date.begins_at + interval 24 hours >= period.valid_from
            and date.begins_at + interval 24 hours < period.valid_to
    where due.verified_on <= getvariable('as_of')
    group by due.raised_on, due.subscription_key
),

task as (
    select
        due.raised_on,
        due.subscription_key,
        due.verified_on,
        coalesce(warned.trigger_type, 'none') as trigger_type,
        warned.priority,
        told.owner,
        cast(due.raised_on + told.sla_days * interval 1 day as date) as due_on,
        warned.profit_amt,
        warned.pay_type,
        warned.brand,
        warned.plan_id,
        warned.area_id,
        warned.channel_type,
        warned.segment_type,
        coalesce(warned.is_commercial, false) as is_commercial
    from due
    left join ranked as warned
        on
            due.raised_on = warned.raised_on
            and due.subscription_key = warned.subscription_key
            and warned.place = 1
    left join retention.trigger as told on warned.trigger_type = told.trigger_type
)

select
    strftime(task.raised_on, '%Y%m%d') || '-' || task.subscription_key as task_id,
    task.subscription_key,
    task.raised_on,
    task.trigger_type,
    task.priority,
    task.owner,
    task.due_on,
    task.profit_amt as expected_profit_amt,
    case
        when task.verified_on <= getvariable('as_of') and handled.closed_at is null then 'expired'
        else coalesce(handled.state_type, 'new')
    end as state_type,
    handled.handler,
    handled.contacted_at,
    handled.offer_id,
    handled.outcome_type,
    handled.closed_at,
    case
        when handled.contacted_on <= task.due_on then true
        when task.due_on < getvariable('as_of') then false
    end as is_on_time,
    task.verified_on,
    case when task.verified_on <= getvariable('as_of') then coalesce(verified.has_stayed, false) end as has_stayed,
    task.pay_type,
    task.brand,
    task.plan_id,
    task.area_id,
    task.channel_type,
    task.segment_type,
    task.is_commercial
from task
left join handled on task.raised_on = handled.raised_on and task.subscription_key = handled.subscription_key
left join verified on task.raised_on = verified.raised_on and task.subscription_key = verified.subscription_key
