/*
description: Which SIM card a subscription used when; a change while the number stays is a SIM swap.
grain: [subscription_key, valid_from]
scope: subscription_key
columns:
  subscription_key: bigint - Subscription.
  imsi_key: bigint - SIM identity in the network.
  iccid_key: bigint - SIM card.
  valid_from: timestamp - First moment, UTC.
  valid_to: timestamp - First moment after, UTC; 9999-12-31 while it is used.
  reason_type: varchar - The life-cycle event that brought the card.
checks:
  - valid_from < valid_to
*/
with

compared as (
    select
        *,
        lag(imsi_key) over in_order as imsi_key_before,
        lag(iccid_key) over in_order as iccid_key_before,
        lag(is_in_network) over in_order as was_in_network
    from core.subscription_period
    window in_order as (partition by subscription_key order by valid_from)
),

used as (
    select
        *,
        lead(valid_from, 1, timestamp '9999-12-31 00:00:00')
            over (partition by subscription_key order by valid_from)
            as left_at
    from compared
    where
        imsi_key is distinct from imsi_key_before
        or iccid_key is distinct from iccid_key_before
        or is_in_network is distinct from was_in_network
)

select
    subscription_key,
    imsi_key,
    iccid_key,
    valid_from,
    left_at as valid_to,
    event_type as reason_type
from used
where is_in_network
