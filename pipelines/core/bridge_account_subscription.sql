/*
description: Which account paid for a subscription when. One account may pay for many lines; shares allow a line with many accounts.
grain: [account_key, subscription_key, item_group, valid_from]
scope: subscription_key
columns:
  account_key: bigint - Account.
  subscription_key: bigint - Subscription.
  item_group: varchar - Bill items that the account pays; all, because provisioning names one paying account.
  share: decimal(5,4) - Part of them that it pays, 0 to 1.
  valid_from: timestamp - First moment, UTC.
  valid_to: timestamp - First moment after, UTC; 9999-12-31 while it pays.
checks:
  - valid_from < valid_to
  - share between 0 and 1
*/
with

compared as (
    select
        *,
        lag(account_key) over in_order as account_key_before,
        lag(is_in_network) over in_order as was_in_network
    from core.subscription_period
    window in_order as (partition by subscription_key order by valid_from)
),

paid as (
    select
        *,
        lead(valid_from, 1, timestamp '9999-12-31 00:00:00')
            over (partition by subscription_key order by valid_from)
            as left_at
    from compared
    where account_key is distinct from account_key_before or is_in_network is distinct from was_in_network
)

select
    account_key,
    subscription_key,
    'all' as item_group,
    1 as share,
    valid_from,
    left_at as valid_to
from paid
where is_in_network and account_key is not null
