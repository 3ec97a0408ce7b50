/*
description: What people did to keep lines that the warehouse had warned of, each step once.
grain: [event_no]
optional: {stg_desk.task_event: no task was ever handled}
columns:
  event_no: bigint - Step.
  subscription_key: bigint - Subscription.
  raised_on: date - Business day of the warning that the task is about.
  action_type: varchar - assigned, contacted, offered or closed.
  offer_id: varchar - Offer made; null unless one was.
  outcome_type: varchar - accepted, declined, not_reached or no_need; null unless closed.
  handler: varchar - Account of who did it.
  acted_at: timestamp - When, UTC.
  acted_on: date - Business day.
checks:
  - (outcome_type is null) = (action_type <> 'closed')
*/
with

listed as (
    select
        *,
        row_number() over (partition by event_no order by known_on, delivery_id, row_no) as place
    from stg_desk.task_event
    where superseded_on is null
)

select
    event_no,
    subscription_key,
    raised_on,
    action_type,
    offer_id,
    outcome_type,
    handler,
    acted_at,
    acted_on
from listed
where place = 1
