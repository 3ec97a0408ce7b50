/*
description: Receivables given up, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: written_off_on
columns:
  account_key: bigint - Account.
  cycle_month: date - First day of the cycle given up.
  written_off_amt: decimal(18,2) - Amount given up.
  written_off_on: date - Day on which it was given up.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    acct_no_key as account_key,
    cast(substring(cycle, 1, 4) || '-' || substring(cycle, 5, 2) || '-01' as date) as cycle_month,
    amount_amt as written_off_amt,
    written_off_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_billing.bad_debt
