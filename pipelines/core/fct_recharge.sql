/*
description: Prepaid top-ups and their reversals, each once, on the day they were made.
grain: [recharged_on, recharge_no]
refresh: day
partition: recharged_on
scope: subscription_key
columns:
  recharge_no: varchar - Top-up.
  subscription_key: bigint - Subscription.
  msisdn_key: bigint - Number topped up.
  recharged_at: timestamp - When it was made, UTC.
  recharged_on: date - Business day on which it was made.
  recharged_amt: decimal(18,2) - Amount received; negative for a reversal.
  method_type: varchar - How.
  channel_type: varchar - Where.
  voucher_key: bigint - Voucher used; null without one.
  is_reversal: boolean - Whether it takes back an earlier top-up.
  reversal_of_recharge_no: varchar - The top-up taken back; null for a top-up.
  outlet_id: varchar - Outlet that took the money; null where no outlet did.
checks:
  - is_reversal = (reversal_of_recharge_no is not null)
watch:
  - is_reversal = (recharged_amt < 0)
*/
with

-- Gateways call back twice: the same number on the same day is the same top-up.
listed as (
    select
        *,
        row_number() over (partition by recharged_on, recharge_no order by known_on, delivery_id, row_no) as place
    from stg_payments.recharge
    where superseded_on is null
)

select
    recharge_no,
    subscription_key,
    msisdn_key,
    recharged_at,
    recharged_on,
    recharged_amt,
    method_type,
    channel_type,
    voucher_key,
    reversal_of_recharge_no is not null as is_reversal,
    reversal_of_recharge_no,
    outlet_id
from listed
where place = 1
