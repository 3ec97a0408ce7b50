/*
description: Campaigns, one row per campaign and change.
grain: [delivery_id, row_no]
refresh: delivery
partition: updated_on
columns:
  campaign_id: varchar - Campaign.
  campaign_name: varchar - Name.
  offer_id: varchar - Offer made.
  channel_type: varchar - Channel used.
  starts_on: date - First day.
  ends_on: date - Last day; null while open.
  cost_amt: decimal(18,2) - Cost of the campaign.
  updated_at: timestamp - When the record was changed, UTC.
  updated_on: date - Business day of the change.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    campaign_id,
    name as campaign_name,
    offer_id,
    channel as channel_type,
    starts_on,
    ends_on,
    cost_amt,
    updated_at,
    event_day as updated_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_campaign.activity
