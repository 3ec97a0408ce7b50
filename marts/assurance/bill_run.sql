/*
description: Billing cycles of which bills are in.
grain: [month_start]
refresh: month
partition: month_start
keep: 60 months
public: true
columns:
  month_start: date - First day of the cycle.
  bills: bigint - Distinct subscriptions billed.
  bill_items: bigint - Items on their bills.
  billed_amt: decimal(18,2) - Amount before discount, without tax.
*/
select
    cycle_month as month_start,
    count(distinct subscription_key) as bills,
    count(*) as bill_items,
    sum(billed_amt) as billed_amt
from core.fct_bill_item
group by cycle_month
