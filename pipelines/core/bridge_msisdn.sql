/*
description: Which subscription held a phone number when; numbers are recycled, ported and exchanged, periods never overlap.
grain: [msisdn_key, valid_from]
scope: msisdn_key
columns:
  msisdn_key: bigint - Phone number.
  subscription_key: bigint - Subscription that held it while in the network.
  valid_from: timestamp - First moment, UTC.
  valid_to: timestamp - First moment after, UTC; 9999-12-31 while it holds. A later holder ends the earlier period.
checks:
  - valid_from < valid_to
*/
with

compared as (
    select
        *,
        lag(msisdn_key) over in_order as msisdn_key_before,
        lag(is_in_network) over in_order as was_in_network
    from core.subscription_period
    window in_order as (partition by subscription_key order by valid_from)
),

holding as (
    select
        *,
        lead(valid_from, 1, timestamp '9999-12-31 00:00:00')
            over (partition by subscription_key order by valid_from)
            as left_at
    from compared
    where msisdn_key is distinct from msisdn_key_before or is_in_network is distinct from was_in_network
),

-- Two lines in the network with one number: the files disagree, and the one that got it later holds it.
exclusive as (
    select
        msisdn_key,
        subscription_key,
        valid_from,
        left_at,
        lead(valid_from, 1, timestamp '9999-12-31 00:00:00') over (
            partition by msisdn_key order by valid_from, event_no, subscription_key
        ) as next_from
    from holding
    where is_in_network and msisdn_key is not null
)

select
    msisdn_key,
    subscription_key,
    valid_from,
    least(left_at, next_from) as valid_to
from exclusive
where valid_from < least(left_at, next_from)
