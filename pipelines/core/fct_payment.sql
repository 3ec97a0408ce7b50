/*
description: Payments of accounts and their reversals, each once, on the day they were made.
grain: [paid_on, payment_no]
refresh: day
partition: paid_on
scope: account_key
columns:
  payment_no: varchar - Payment.
  account_key: bigint - Account.
  paid_at: timestamp - When it was made, UTC.
  paid_on: date - Business day on which it was made.
  method_type: varchar - How.
  channel_type: varchar - Where.
  paid_amt: decimal(18,2) - Amount received; negative for a reversal.
  cycle_month: date - First day of the cycle meant; null when the payer did not say.
  is_reversal: boolean - Whether it takes back an earlier payment.
  reversal_of_payment_no: varchar - The payment taken back; null for a payment.
  outlet_id: varchar - Outlet that took the money; null where no outlet did.
checks:
  - is_reversal = (reversal_of_payment_no is not null)
watch:
  - is_reversal = (paid_amt < 0)
*/
with

-- Gateways call back twice: the same payment number on the same day is the same payment.
listed as (
    select
        *,
        row_number() over (partition by paid_on, payment_no order by known_on, delivery_id, row_no) as place
    from stg_payments.payment
    where superseded_on is null
)

select
    payment_no,
    account_key,
    paid_at,
    paid_on,
    method_type,
    channel_type,
    paid_amt,
    cycle_month,
    reversal_of_payment_no is not null as is_reversal,
    reversal_of_payment_no,
    outlet_id
from listed
where place = 1
