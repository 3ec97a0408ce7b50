/*
description: By how much the overdue balance of an account changed at the close of each day of a run, as known at each close.
grain: [account_key, day]
refresh: view
frozen: true
columns:
  account_key: bigint - Account.
  day: date - Business day of the run.
  change_amt: decimal(18,2) - Bills that passed their due day, plus corrections, less payments and write-offs.
*/
with

-- What an account owes counts from the day after it was due; what it pays counts from the day it paid.
entry as not materialized (
    select
        'bill' as entry_type, account_key, subscription_key, cycle_month, item_code as entry_no,
        cast(due_on + interval 1 day as date) as counts_from, billed_amt - discount_amt + tax_amt as owed_amt,
        known_on, superseded_on, delivery_id, row_no
    from stg_billing.bill_item
    union all
    select
        'adjustment' as entry_type, account_key, null as subscription_key, null as cycle_month,
        cast(adjustment_no as varchar) as entry_no, posted_on as counts_from, adjusted_amt as owed_amt,
        known_on, superseded_on, delivery_id, row_no
    from stg_billing.adjustment
    union all
    select
        'write_off' as entry_type, account_key, null as subscription_key, cycle_month,
        null as entry_no, written_off_on as counts_from, -written_off_amt as owed_amt,
        known_on, superseded_on, delivery_id, row_no
    from stg_billing.bad_debt
    union all
    select
        'payment' as entry_type, account_key, null as subscription_key, null as cycle_month,
        payment_no as entry_no, paid_on as counts_from, -paid_amt as owed_amt,
        known_on, superseded_on, delivery_id, row_no
    from stg_payments.payment
),

touched as (
    select distinct entry_type, account_key, subscription_key, cycle_month, entry_no
    from entry
    where
        greatest(counts_from, known_on) between getvariable('from_day') and getvariable('to_day')
        or superseded_on between getvariable('from_day') and getvariable('to_day')
),

-- An entry sent again is the same entry: the first telling counts until its delivery is replaced.
told as (
    select
        entry.*,
        max(coalesce(entry.superseded_on, date '9999-12-31')) over (
            partition by
                entry.entry_type, entry.account_key, entry.subscription_key, entry.cycle_month, entry.entry_no
            order by entry.known_on, entry.delivery_id, entry.row_no rows between unbounded preceding and 1 preceding
        ) as told_until
    from entry
    inner join touched
        on
            entry.entry_type = touched.entry_type
            and entry.account_key = touched.account_key
            and entry.subscription_key is not distinct from touched.subscription_key
            and entry.cycle_month is not distinct from touched.cycle_month
            and entry.entry_no is not distinct from touched.entry_no
),

shown as (
    select
        account_key,
        owed_amt,
        greatest(counts_from, known_on, told_until) as shown_from,
        coalesce(superseded_on, date '9999-12-31') as shown_to
    from told
),

change as (
    select account_key, shown_from as day, owed_amt as change_amt from shown
    where shown_from < shown_to
    union all
    select account_key, shown_to as day, -owed_amt as change_amt from shown
    where shown_from < shown_to
)

select
    account_key,
    day,
    sum(change_amt) as change_amt
from change
where day between getvariable('from_day') and getvariable('to_day')
group by account_key, day
