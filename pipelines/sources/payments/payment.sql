/*
description: Payments of accounts and reversals, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: paid_on
columns:
  payment_no: varchar - Payment.
  account_key: bigint - Account.
  paid_at: timestamp - When it was made, UTC.
  paid_on: date - Business day on which it was made.
  method_type: varchar - How.
  channel_type: varchar - Where.
  paid_amt: decimal(18,2) - Amount received; negative for a reversal.
  cycle_month: date - First day of the cycle meant; null when the payer did not say.
  reversal_of_payment_no: varchar - The payment this one takes back; null for a payment.
  outlet_id: varchar - Outlet that took the money; null where no outlet did.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    payment_no,
    acct_no_key as account_key,
    paid_at,
    event_day as paid_on,
    method as method_type,
    channel as channel_type,
    amount as paid_amt,
    cast(substring(cycle, 1, 4) || '-' || substring(cycle, 5, 2) || '-01' as date) as cycle_month,
    reversal_of as reversal_of_payment_no,
    outlet_id,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_payments.payment
