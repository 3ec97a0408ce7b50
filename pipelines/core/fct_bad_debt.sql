/*
description: Receivables given up, by account and billing cycle, in the month in which they were given up.
grain: [month_start, account_key, cycle_month]
refresh: month
partition: month_start
scope: account_key
columns:
  month_start: date - First day of the month in which it was given up.
  account_key: bigint - Account.
  cycle_month: date - First day of the cycle given up.
  written_off_amt: decimal(18,2) - Amount given up.
  written_off_on: date - Day on which it was given up.
watch:
  - written_off_amt >= 0
*/
with

listed as (
    select
        *,
        cast(date_trunc('month', written_off_on) as date) as month_start,
        row_number() over (
            partition by date_trunc('month', written_off_on), account_key, cycle_month
            order by known_on, delivery_id, row_no
        ) as place
    from stg_billing.bad_debt
    where superseded_on is null
)

select
    month_start,
    account_key,
    cycle_month,
    written_off_amt,
    written_off_on
from listed
where place = 1
