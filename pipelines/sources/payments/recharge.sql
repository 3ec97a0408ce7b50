/*
description: Prepaid top-ups and reversals, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: recharged_on
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
  reversal_of_recharge_no: varchar - The top-up this one takes back; null for a top-up.
  outlet_id: varchar - Outlet that took the money; null where no outlet did.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    recharge_no,
    user_id_key as subscription_key,
    msisdn_key,
    recharged_at,
    event_day as recharged_on,
    amount as recharged_amt,
    method as method_type,
    channel as channel_type,
    voucher_no_key as voucher_key,
    reversal_of as reversal_of_recharge_no,
    outlet_id,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_payments.recharge
