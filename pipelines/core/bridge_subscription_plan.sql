/*
description: Which tariff plan a subscription was on when, as its life-cycle events tell.
grain: [subscription_key, valid_from]
scope: subscription_key
columns:
  subscription_key: bigint - Subscription.
  plan_id: varchar - Tariff plan.
  valid_from: timestamp - First moment, UTC.
  valid_to: timestamp - First moment after, UTC; 9999-12-31 while it lasts.
checks:
  - valid_from < valid_to
*/
with

compared as (
    select
        *,
        lag(plan_id) over in_order as plan_id_before,
        lag(is_in_network) over in_order as was_in_network
    from core.subscription_period
    window in_order as (partition by subscription_key order by valid_from)
),

subscribed as (
    select
        *,
        lead(valid_from, 1, timestamp '9999-12-31 00:00:00')
            over (partition by subscription_key order by valid_from)
            as left_at
    from compared
    where plan_id is distinct from plan_id_before or is_in_network is distinct from was_in_network
)

select
    subscription_key,
    plan_id,
    valid_from,
    left_at as valid_to
from subscribed
where is_in_network and plan_id is not null
