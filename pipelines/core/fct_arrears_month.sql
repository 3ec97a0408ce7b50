/*
description: What accounts owe at the end of each month by age, payments settling the oldest bill first.
grain: [month_start, account_key]
refresh: month
partition: month_start
keep: 60 months
scope: account_key
reads:
  core.fct_bill_item: 400 days
  core.fct_adjustment: 400 days
  core.fct_bad_debt: 400 days
  core.fct_payment: 400 days
  core.dim_date: static
columns:
  month_start: date - First day of the month; ages are those at its last day, in the open month too.
  account_key: bigint - Account that owes; accounts that owe nothing are left out.
  unpaid_0_30_amt: decimal(18,2) - Owed for at most 30 days after the due date, or not due yet; tax included.
  unpaid_31_60_amt: decimal(18,2) - Owed for 31 to 60 days.
  unpaid_61_90_amt: decimal(18,2) - Owed for 61 to 90 days.
  unpaid_91_180_amt: decimal(18,2) - Owed for 91 to 180 days.
  unpaid_over_180_amt: decimal(18,2) - Owed for longer, bills of the last twelve cycles only.
checks:
  - unpaid_0_30_amt >= 0 and unpaid_31_60_amt >= 0 and unpaid_61_90_amt >= 0
  - unpaid_91_180_amt >= 0 and unpaid_over_180_amt >= 0
*/
with

month as (
    select
        month_start,
        last_day(month_start) as month_end,
        cast(month_start - interval 12 month as date) as first_cycle_month
    from core.dim_date
    group by month_start
),

bill as (
    select
        account_key,
        cycle_month,
        min(issued_on) as issued_on,
        min(due_on) as due_on,
        sum(billed_amt - discount_amt + tax_amt) as billed_amt
    from core.fct_bill_item
    group by account_key, cycle_month
),

-- Older bills are written off or with the courts; the window keeps a night's cost that of a year.
open_bill as (
    select
        month.month_start,
        month.month_end,
        bill.*
    from bill
    inner join month
        on
            bill.issued_on <= month.month_end
            and bill.cycle_month >= month.first_cycle_month
),

correction as (
    select account_key, cycle_month, posted_on as booked_on, adjusted_amt as changed_amt
    from core.fct_adjustment
    union all
    select account_key, cycle_month, written_off_on as booked_on, -written_off_amt as changed_amt
    from core.fct_bad_debt
),

-- Corrections and write-offs name their cycle and change what that bill is worth.
corrected as (
    select
        bill.month_start,
        bill.month_end,
        bill.account_key,
        bill.cycle_month,
        bill.issued_on,
        bill.due_on,
        bill.billed_amt + coalesce(sum(correction.changed_amt), 0) as owed_amt
    from open_bill as bill
    left join correction
        on
            bill.account_key = correction.account_key
            and bill.cycle_month = correction.cycle_month
            and bill.month_end >= correction.booked_on
    group by
        bill.month_start,
        bill.month_end,
        bill.account_key,
        bill.cycle_month,
        bill.issued_on,
        bill.due_on,
        bill.billed_amt
),

account as (
    select
        month_start,
        month_end,
        account_key,
        min(cycle_month) as first_cycle_month,
        min(issued_on) as first_issued_on,
        sum(greatest(-owed_amt, 0)) as credit_amt
    from corrected
    group by month_start, month_end, account_key
),

-- A payment for a bill older than the oldest one here must not settle these; reversals count against payments.
settled as (
    select
        account.month_start,
        account.account_key,
        account.credit_amt + coalesce(
            sum(
                case
                    when payment.cycle_month >= account.first_cycle_month then payment.paid_amt
                    when payment.cycle_month is null and payment.paid_on >= account.first_issued_on
                        then payment.paid_amt
                end
            ),
            0
        ) as settled_amt
    from account
    left join core.fct_payment as payment
        on account.account_key = payment.account_key and account.month_end >= payment.paid_on
    group by account.month_start, account.account_key, account.credit_amt
),

summed as (
    select
        *,
        sum(greatest(owed_amt, 0)) over (
            partition by month_start, account_key order by cycle_month rows between unbounded preceding and current row
        ) as owed_so_far_amt
    from corrected
),

unpaid as (
    select
        bill.month_start,
        bill.account_key,
        date_diff('day', bill.due_on, bill.month_end) as age_days,
        greatest(least(bill.owed_amt, bill.owed_so_far_amt - settled.settled_amt), 0) as unpaid_amt
    from summed as bill
    inner join settled on bill.month_start = settled.month_start and bill.account_key = settled.account_key
)

select
    month_start,
    account_key,
    sum(case when age_days <= 30 then unpaid_amt else 0 end) as unpaid_0_30_amt,
    sum(case when age_days between 31 and 60 then unpaid_amt else 0 end) as unpaid_31_60_amt,
    sum(case when age_days between 61 and 90 then unpaid_amt else 0 end) as unpaid_61_90_amt,
    sum(case when age_days between 91 and 180 then unpaid_amt else 0 end) as unpaid_91_180_amt,
    sum(case when age_days > 180 then unpaid_amt else 0 end) as unpaid_over_180_amt
from unpaid
where unpaid_amt > 0
group by month_start, account_key
