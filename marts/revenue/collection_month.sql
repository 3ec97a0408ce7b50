/*
description: What was collected of each bill within the days allowed after it was due, in the month in which they were over.
grain: [month_start, account_key, cycle_month]
refresh: month
partition: month_start
open_month: false
keep: 60 months
scope: account_key
public: true
reads:
  core.fct_bill_item: 400 days
  core.fct_adjustment: 400 days
  core.fct_bad_debt: 400 days
  core.fct_payment: 400 days
  mart_revenue.threshold: static
columns:
  month_start: date - First day of the month in which the days allowed were over.
  account_key: bigint - Account.
  cycle_month: date - First day of the cycle.
  due_on: date - Day by which to pay.
  judged_on: date - Last day on which a payment counts.
  area_id: varchar - Area of the customer when the month closed; null when the account had no known line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - At least one line belongs to the commercial population.
  billed_amt: decimal(18,2) - Billed after discount, with tax.
  collected_amt: decimal(18,2) - Of it, paid by the day judged; payments settle the oldest bill first, what was credited is not paid.
checks:
  - collected_amt between 0 and greatest(billed_amt, 0)
*/
with

bill as (
    select
        item.account_key,
        item.cycle_month,
        min(item.issued_on) as issued_on,
        min(item.due_on) as due_on,
        cast(min(item.due_on) + max(threshold.collection_days) as date) as judged_on,
        sum(item.billed_amt - item.discount_amt + item.tax_amt) as billed_amt
    from core.fct_bill_item as item
    cross join mart_revenue.threshold as threshold
    group by item.account_key, item.cycle_month
),

correction as (
    select account_key, cycle_month, posted_on as booked_on, adjusted_amt as changed_amt
    from core.fct_adjustment
    union all
    select account_key, cycle_month, written_off_on as booked_on, -written_off_amt as changed_amt
    from core.fct_bad_debt
),

-- The bills of a year up to the one judged, each worth what it was on the day judged; as in core.fct_arrears_month.
owed as (
    select
        judged.account_key,
        judged.cycle_month as judged_cycle,
        judged.judged_on,
        bill.cycle_month,
        bill.issued_on,
        bill.billed_amt + coalesce(sum(correction.changed_amt), 0) as owed_amt
    from bill as judged
    inner join bill
        on
            judged.account_key = bill.account_key
            and judged.cycle_month >= bill.cycle_month
            and date_trunc('month', judged.judged_on) - interval 12 month <= bill.cycle_month
    left join correction
        on
            bill.account_key = correction.account_key
            and bill.cycle_month = correction.cycle_month
            and judged.judged_on >= correction.booked_on
    group by
        judged.account_key, judged.cycle_month, judged.judged_on, bill.cycle_month, bill.issued_on, bill.billed_amt
),

account as (
    select
        account_key,
        judged_cycle,
        judged_on,
        min(cycle_month) as first_cycle_month,
        min(issued_on) as first_issued_on,
        sum(greatest(-owed_amt, 0)) as credit_amt,
        sum(case when cycle_month < judged_cycle then greatest(owed_amt, 0) else 0 end) as older_amt,
        sum(case when cycle_month = judged_cycle then greatest(owed_amt, 0) else 0 end) as owed_amt
    from owed
    group by account_key, judged_cycle, judged_on
),

settled as (
    select
        account.account_key,
        account.judged_cycle,
        account.older_amt,
        account.owed_amt,
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
        on account.account_key = payment.account_key and account.judged_on >= payment.paid_on
    group by
        account.account_key, account.judged_cycle, account.older_amt, account.owed_amt, account.credit_amt
),

customer as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        account_key,
        min(area_id) as area_id,
        min(segment_type) as segment_type,
        bool_or(is_commercial) as is_commercial
    from core.subscriber_day
    where day = last_day(day)
    group by cast(date_trunc('month', day) as date), account_key
)

select
    cast(date_trunc('month', bill.judged_on) as date) as month_start,
    bill.account_key,
    bill.cycle_month,
    bill.due_on,
    bill.judged_on,
    customer.area_id,
    customer.segment_type,
    coalesce(customer.is_commercial, false) as is_commercial,
    bill.billed_amt,
    greatest(least(settled.settled_amt - settled.older_amt, settled.owed_amt, bill.billed_amt), 0) as collected_amt
from bill
inner join settled on bill.account_key = settled.account_key and bill.cycle_month = settled.judged_cycle
left join customer
    on date_trunc('month', bill.judged_on) = customer.month_start and bill.account_key = customer.account_key
