/*
description: >-
  Payments of an account shared out over its lines, to the cent. A payment is made for an account; each line in network
  that day is given an equal part, without any the lines that have left, without those subscription -1.
grain: [paid_on, account_key, subscription_key]
refresh: day
partition: paid_on
scope: account_key
public: true
columns:
  paid_on: date - Business day of the payment.
  account_key: bigint - Account that paid.
  subscription_key: bigint - Line the part is counted for; -1 when the account has none.
  paid_amt: decimal(18,2) - Payments less reversals; the parts of an account add up to what it paid.
*/
with

paid as (
    select
        paid_on,
        account_key,
        sum(paid_amt) as paid_amt
    from core.fct_payment
    group by paid_on, account_key
),

paying as (
    select
        paid.paid_on,
        paid.account_key,
        coalesce(line.subscription_key, -1) as subscription_key,
        paid.paid_amt,
        coalesce(line.is_in_network, false) as is_in_network,
        bool_or(coalesce(line.is_in_network, false)) over (partition by paid.paid_on, paid.account_key) as has_line
    from paid
    left join core.subscriber_day as line on paid.paid_on = line.day and paid.account_key = line.account_key
),

numbered as (
    select
        paid_on,
        account_key,
        subscription_key,
        cast(paid_amt as double) as paid,
        row_number() over (partition by paid_on, account_key order by subscription_key) as part,
        count(*) over (partition by paid_on, account_key) as parts
    from paying
    where is_in_network or not has_line
)

-- The difference of two rounded running totals: no cent is lost, whatever the number of lines.
select
    paid_on,
    account_key,
    subscription_key,
    cast(round(paid * part / nullif(parts, 0), 2) as decimal(18, 2))
    - cast(round(paid * (part - 1) / nullif(parts, 0), 2) as decimal(18, 2)) as paid_amt
from numbered
