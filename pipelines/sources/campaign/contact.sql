/*
description: Contacts attempted, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: contacted_on
columns:
  contact_no: bigint - Contact.
  campaign_id: varchar - Campaign.
  subscription_key: bigint - Subscription contacted.
  contacted_at: timestamp - When, UTC.
  contacted_on: date - Business day.
  channel_type: varchar - Channel used.
  outcome_type: varchar - reached, not_reached or refused.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    contact_no,
    campaign_id,
    user_id_key as subscription_key,
    contacted_at,
    event_day as contacted_on,
    channel as channel_type,
    outcome as outcome_type,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_campaign.contact
