/*
description: Offers held by subscriptions, one row per offer held and change.
grain: [delivery_id, row_no]
refresh: delivery
partition: updated_on
columns:
  offer_no: bigint - Offer held.
  subscription_key: bigint - Subscription.
  offer_id: varchar - Offer of the catalogue.
  offer_type: varchar - plan, bundle, contract, vas or convergent.
  valid_from: timestamp - Held from this moment, UTC.
  valid_to: timestamp - Held until before this moment, UTC; null while open.
  source_order_no: varchar - Order that created it.
  updated_at: timestamp - When the record was changed, UTC.
  updated_on: date - Business day of the change.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    offer_instance_no as offer_no,
    user_id_key as subscription_key,
    offer_id,
    offer_type,
    valid_from,
    case when valid_to < timestamp '2030-12-30 00:00:00' then valid_to end as valid_to,   -- 2030-12-31 says open
    order_no as source_order_no,
    updated_at,
    event_day as updated_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_provisioning.offer_instance
