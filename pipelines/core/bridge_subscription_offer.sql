/*
description: Offers held by subscriptions, each in its last known state.
grain: [offer_no]
scope: subscription_key
columns:
  subscription_key: bigint - Subscription.
  offer_no: bigint - Offer held.
  offer_id: varchar - Offer of the catalogue.
  offer_type: varchar - plan, bundle, contract, vas or convergent.
  source_order_no: varchar - Order that created it.
  valid_from: timestamp - First moment, UTC.
  valid_to: timestamp - First moment after, UTC; 9999-12-31 while open.
checks:
  - valid_from < valid_to
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by offer_no order by updated_at desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_provisioning.offer_instance
    where superseded_on is null
)

select
    subscription_key,
    offer_no,
    offer_id,
    offer_type,
    source_order_no,
    valid_from,
    coalesce(valid_to, timestamp '9999-12-31 00:00:00') as valid_to
from listed
-- An offer cancelled before it began was never held.
where place = 1 and (valid_to is null or valid_from < valid_to)
