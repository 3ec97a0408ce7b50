/*
description: Corrections of billed amounts as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: posted_on
columns:
  adjustment_no: bigint - Correction.
  account_key: bigint - Account corrected.
  subscription_key: bigint - Subscription corrected; null when the correction is the account's.
  cycle_month: date - First day of the cycle corrected.
  posted_at: timestamp - When it was posted, UTC.
  posted_on: date - Business day of posting.
  adjusted_amt: decimal(18,2) - Change of what is owed; negative is a credit.
  reason_type: varchar - Why.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    adjustment_no,
    acct_no_key as account_key,
    user_id_key as subscription_key,
    cast(substring(orig_cycle, 1, 4) || '-' || substring(orig_cycle, 5, 2) || '-01' as date) as cycle_month,
    posted_at,
    event_day as posted_on,
    amount_amt as adjusted_amt,
    reason as reason_type,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_billing.adjustment
