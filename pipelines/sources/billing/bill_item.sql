/*
description: Invoice items as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: cycle_month
columns:
  account_key: bigint - Account invoiced.
  subscription_key: bigint - Subscription the item is for.
  cycle_month: date - First day of the billing cycle.
  item_code: varchar - fee, voice, sms, data, vas or roaming.
  billed_amt: decimal(18,2) - Amount before discount, without tax.
  discount_amt: decimal(18,2) - Discount granted, as delivered.
  tax_amt: decimal(18,2) - Tax.
  issued_on: date - Day of issue.
  due_on: date - Day by which to pay.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    acct_no_key as account_key,
    user_id_key as subscription_key,
    cast(substring(cycle, 1, 4) || '-' || substring(cycle, 5, 2) || '-01' as date) as cycle_month,
    item_code,
    cast(amount_fen * 0.01 as decimal(18, 2)) as billed_amt,
    cast(discount_fen * 0.01 as decimal(18, 2)) as discount_amt,
    cast(tax_fen * 0.01 as decimal(18, 2)) as tax_amt,
    issued_on,
    due_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_billing.bill_item
