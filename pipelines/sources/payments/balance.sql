/*
description: Prepaid balances at the end of each day, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: day
columns:
  subscription_key: bigint - Subscription.
  day: date - Business day.
  balance_amt: decimal(18,2) - Balance at the end of the day.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    user_id_key as subscription_key,
    day,
    balance as balance_amt,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_payments.balance
