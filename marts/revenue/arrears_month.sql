/*
description: What each account owes at the end of the month by age of the debt, beside what it was billed and what was written off.
grain: [month_start, account_key]
refresh: month
partition: month_start
keep: 60 months
scope: account_key
public: true
columns:
  month_start: date - First day of the month.
  account_key: bigint - Account.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  area_id: varchar - Area of the customer; null when the account had no known line.
  segment_type: varchar - Segment of the customer.
  lines_in_network: integer - Lines of the account in network when the month closed.
  is_commercial: boolean - At least one line belongs to the commercial population.
  bill_items: integer - Items on the bill of the cycle; zero without a bill.
  revenue_amt: decimal(18,2) - Billed in the cycle after discount, without tax.
  unpaid_amt: decimal(18,2) - Owed at the end of the month, the open month as of now.
  unpaid_0_30_amt: decimal(18,2) - Owed for at most 30 days after the due date, or not due yet.
  unpaid_31_60_amt: decimal(18,2) - Owed for 31 to 60 days.
  unpaid_61_90_amt: decimal(18,2) - Owed for 61 to 90 days.
  unpaid_91_180_amt: decimal(18,2) - Owed for 91 to 180 days.
  unpaid_over_180_amt: decimal(18,2) - Owed for longer.
  written_off_amt: decimal(18,2) - Written off in the month.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - unpaid_amt = unpaid_0_30_amt + unpaid_31_60_amt + unpaid_61_90_amt + unpaid_91_180_amt + unpaid_over_180_amt
*/
with

movement as (
    select
        month_start, account_key, 0 as bill_items, 0 as revenue_amt, 0 as written_off_amt,
        unpaid_0_30_amt, unpaid_31_60_amt, unpaid_61_90_amt, unpaid_91_180_amt, unpaid_over_180_amt
    from core.fct_arrears_month
    union all
    select
        cycle_month as month_start, account_key, 1 as bill_items, billed_amt - discount_amt as revenue_amt,
        0 as written_off_amt, 0 as unpaid_0_30_amt, 0 as unpaid_31_60_amt, 0 as unpaid_61_90_amt,
        0 as unpaid_91_180_amt, 0 as unpaid_over_180_amt
    from core.fct_bill_item
    union all
    select
        month_start, account_key, 0 as bill_items, 0 as revenue_amt, written_off_amt,
        0 as unpaid_0_30_amt, 0 as unpaid_31_60_amt, 0 as unpaid_61_90_amt,
        0 as unpaid_91_180_amt, 0 as unpaid_over_180_amt
    from core.fct_bad_debt
),

summed as (
    select
        month_start,
        account_key,
        sum(bill_items) as bill_items,
        sum(revenue_amt) as revenue_amt,
        sum(written_off_amt) as written_off_amt,
        sum(unpaid_0_30_amt) as unpaid_0_30_amt,
        sum(unpaid_31_60_amt) as unpaid_31_60_amt,
        sum(unpaid_61_90_amt) as unpaid_61_90_amt,
        sum(unpaid_91_180_amt) as unpaid_91_180_amt,
        sum(unpaid_over_180_amt) as unpaid_over_180_amt
    from movement
    group by month_start, account_key
),

account as (
    select
        day,
        account_key,
        min(party_key) as party_key,
        min(area_id) as area_id,
        min(segment_type) as segment_type,
        count(*) filter (where is_in_network) as lines_in_network,
        bool_or(is_commercial) as is_commercial
    from core.subscriber_day
    where day = least(last_day(day), getvariable('as_of'))
    group by day, account_key
)

select
    summed.month_start,
    summed.account_key,
    coalesce(account.party_key, -1) as party_key,
    account.area_id,
    account.segment_type,
    coalesce(account.lines_in_network, 0) as lines_in_network,
    coalesce(account.is_commercial, false) as is_commercial,
    summed.bill_items,
    summed.revenue_amt,
    summed.unpaid_0_30_amt + summed.unpaid_31_60_amt + summed.unpaid_61_90_amt + summed.unpaid_91_180_amt
    + summed.unpaid_over_180_amt as unpaid_amt,
    summed.unpaid_0_30_amt,
    summed.unpaid_31_60_amt,
    summed.unpaid_61_90_amt,
    summed.unpaid_91_180_amt,
    summed.unpaid_over_180_amt,
    summed.written_off_amt,
    last_day(summed.month_start) <= getvariable('as_of') as is_closed
from summed
left join account
    on
        account.day = least(last_day(summed.month_start), getvariable('as_of'))
        and summed.account_key = account.account_key
