/*
description: What people did to keep lines that the warehouse had warned of, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: acted_on
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
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    event_no,
    user_id_key as subscription_key,
    task_day as raised_on,
    action as action_type,
    offer_id,
    result as outcome_type,
    handler,
    acted_at,
    event_day as acted_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_desk.task_event
