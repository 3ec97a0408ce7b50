/*
description: Tickets, one row per ticket and change.
grain: [delivery_id, row_no]
refresh: delivery
partition: updated_on
columns:
  ticket_no: varchar - Ticket.
  msisdn_key: bigint - Number of the caller; null when withheld.
  subscription_key: bigint - Subscription it is about; null when not linked.
  ticket_type: varchar - Kind of request.
  reason_group: varchar - Reason, grouped.
  channel_type: varchar - Where it came in.
  priority_type: varchar - Priority.
  owner_name: varchar - Team that owns it.
  opened_at: timestamp - When it was opened, UTC.
  updated_at: timestamp - When it was last touched, UTC.
  updated_on: date - Business day on which it was last touched.
  closed_at: timestamp - When it was closed, UTC; null while open.
  result_type: varchar - How it ended; null while open.
  satisfaction: integer - Answer to the survey, 1 to 5; null without an answer.
  is_reopened: boolean - Whether it had been closed before.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    ticket_no,
    msisdn_key,
    user_id_key as subscription_key,
    type as ticket_type,
    reason_group,
    channel as channel_type,
    priority as priority_type,
    owner as owner_name,
    opened_at,
    updated_at,
    event_day as updated_on,
    closed_at,
    result as result_type,
    satisfaction,
    is_reopened,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_care.ticket
