/*
description: Answers to campaigns, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: responded_on
columns:
  response_no: bigint - Answer.
  campaign_id: varchar - Campaign.
  subscription_key: bigint - Subscription that answered.
  responded_at: timestamp - When, UTC.
  responded_on: date - Business day.
  is_accepted: boolean - Whether the offer was taken.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    response_no,
    campaign_id,
    user_id_key as subscription_key,
    responded_at,
    event_day as responded_on,
    is_accepted,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_campaign.response
