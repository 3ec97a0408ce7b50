/*
description: Numbers that went from one line to another, with how long they rested in between.
grain: [msisdn_key, recycled_at]
public: true
columns:
  msisdn_key: bigint - Number.
  recycled_at: timestamp - Moment from which the new line holds it, UTC.
  recycled_on: date - Business day of it.
  old_subscription_key: bigint - Line that held it before.
  new_subscription_key: bigint - Line that holds it from then on.
  old_party_key: bigint - Party of the old line as known now; null when unknown.
  new_party_key: bigint - Party of the new line as known now; null when unknown.
  given_back_at: timestamp - Moment at which the old line's holding ended, UTC.
  rest_days: integer - Days between; 0 when the number passed at once.
  holders: integer - Lines that have held the number up to then, this one included, a line that holds it again counted again.
checks:
  - old_subscription_key <> new_subscription_key
  - rest_days >= 0
  - holders >= 2
*/
with

holding as (
    select
        msisdn_key,
        subscription_key,
        valid_from,
        lag(subscription_key) over in_order as subscription_key_before,
        lag(valid_to) over in_order as given_back_at
    from core.bridge_msisdn
    window in_order as (partition by msisdn_key order by valid_from)
),

passing as (
    select
        *,
        row_number() over (partition by msisdn_key order by valid_from) + 1 as holders
    from holding
    where subscription_key <> subscription_key_before
)

select
    passing.msisdn_key,
    passing.valid_from as recycled_at,
    cast(
        timezone(getvariable('time_zone'), timezone('UTC', passing.valid_from)) as date
    ) as recycled_on,
    passing.subscription_key_before as old_subscription_key,
    passing.subscription_key as new_subscription_key,
    old.party_key as old_party_key,
    new.party_key as new_party_key,
    passing.given_back_at,
    date_diff('day', passing.given_back_at, passing.valid_from) as rest_days,
    passing.holders
from passing
left join core.dim_subscription as old on passing.subscription_key_before = old.subscription_key
left join core.dim_subscription as new on passing.subscription_key = new.subscription_key
