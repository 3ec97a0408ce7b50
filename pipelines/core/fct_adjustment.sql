/*
description: Corrections of billed amounts, each once, on the day they were posted.
grain: [posted_on, adjustment_no]
refresh: day
partition: posted_on
scope: account_key
columns:
  adjustment_no: bigint - Correction.
  account_key: bigint - Account corrected.
  subscription_key: bigint - Subscription corrected; null when the correction is the account's.
  cycle_month: date - First day of the cycle corrected, often closed long before.
  posted_at: timestamp - When it was posted, UTC.
  posted_on: date - Business day of posting.
  adjusted_amt: decimal(18,2) - Change of what is owed; negative is a credit.
  reason_type: varchar - Why.
watch:
  - cycle_month <= posted_on
*/
with

listed as (
    select
        *,
        row_number() over (partition by posted_on, adjustment_no order by known_on, delivery_id, row_no) as place
    from stg_billing.adjustment
    where superseded_on is null
)

select
    adjustment_no,
    account_key,
    subscription_key,
    cycle_month,
    posted_at,
    posted_on,
    adjusted_amt,
    reason_type
from listed
where place = 1
