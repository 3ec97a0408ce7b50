/*
description: Invoice items of a billing cycle, each once.
grain: [cycle_month, account_key, subscription_key, item_code]
refresh: month
partition: cycle_month
scope: account_key
columns:
  account_key: bigint - Account invoiced.
  subscription_key: bigint - Subscription the item is for; also one that has left.
  cycle_month: date - First day of the billing cycle.
  item_code: varchar - fee, voice, sms, data, vas or roaming.
  billed_amt: decimal(18,2) - Amount before discount, without tax; negative for a credit line.
  discount_amt: decimal(18,2) - Discount granted, to be taken off.
  tax_amt: decimal(18,2) - Tax, to be added.
  issued_on: date - Day of issue.
  due_on: date - Day by which to pay.
checks:
  - due_on >= issued_on
  - issued_on >= cycle_month
watch:
  - billed_amt >= 0
  - discount_amt between 0 and greatest(billed_amt, 0)
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by cycle_month, account_key, subscription_key, item_code order by known_on, delivery_id, row_no
        ) as place
    from stg_billing.bill_item
    where superseded_on is null
)

select
    account_key,
    subscription_key,
    cycle_month,
    item_code,
    billed_amt,
    discount_amt,
    tax_amt,
    issued_on,
    due_on
from listed
where place = 1
