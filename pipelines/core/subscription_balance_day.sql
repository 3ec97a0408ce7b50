/*
description: Prepaid balances at the end of the day, and how long they last at the pace of the last fourteen days.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 26 months
scope: subscription_key
reads:
  core.subscriber_day: 13 days
columns:
  day: date - Business day.
  subscription_key: bigint - Prepaid subscription.
  balance_amt: decimal(18,2) - Balance at the end of the day.
  spend_14d_amt: decimal(18,6) - Rated charges of the fourteen days up to the day, each as known when it closed.
  days_to_zero: double - Days until the balance is used up, to one decimal; null without spend, 0 when nothing is left.
checks:
  - spend_14d_amt >= 0
watch:
  - balance_amt >= 0
*/
with

listed as (
    select
        *,
        row_number()
            over (partition by day, subscription_key order by known_on desc, delivery_id desc, row_no desc)
            as place
    from stg_payments.balance
    where superseded_on is null
),

spend_day as (
    select
        day,
        subscription_key,
        charge_amt
    from core.subscriber_day
    where charge_amt > 0
),

spend as (
    select
        balance.day,
        balance.subscription_key,
        sum(spend_day.charge_amt) as spend_14d_amt
    from listed as balance
    inner join spend_day
        on
            balance.subscription_key = spend_day.subscription_key
            and balance.day >= spend_day.day
            and spend_day.day > balance.day - 14
    where balance.place = 1
    group by balance.day, balance.subscription_key
)

select
    balance.day,
    balance.subscription_key,
    balance.balance_amt,
    coalesce(spend.spend_14d_amt, 0) as spend_14d_amt,
    round(pf_div(greatest(balance.balance_amt, 0) * 14, spend.spend_14d_amt), 1) as days_to_zero
from listed as balance
left join spend on balance.day = spend.day and balance.subscription_key = spend.subscription_key
where balance.place = 1
