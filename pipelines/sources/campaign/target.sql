/*
description: Target lists of campaigns, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: frozen_on
columns:
  campaign_id: varchar - Campaign.
  subscription_key: bigint - Subscription on the list.
  is_control: boolean - Whether it is left alone for comparison.
  frozen_at: timestamp - When the list was frozen, UTC.
  frozen_on: date - Business day on which the list was frozen.
  priority: integer - Order of contact, 1 first.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    campaign_id,
    user_id_key as subscription_key,
    is_control,
    frozen_at,
    event_day as frozen_on,
    priority,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_campaign.target
