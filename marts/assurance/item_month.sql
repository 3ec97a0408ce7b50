/*
description: Records against bills against ledger, by month and item - what was rated, what was billed, what was booked.
grain: [month_start, item_code]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
optional:
  stg_finance.ledger_revenue: the ledger's columns are null
reads:
  core.map_code: static
  mart_assurance.threshold: static
columns:
  month_start: date - First day of the month, and of the billing cycle.
  item_code: varchar - fee, voice, sms, data, vas, roaming (all use abroad), discount, adjustment or interconnect.
  rated_amt: decimal(18,6) - Charges of postpaid days; 0 for items that are not usage.
  prepaid_amt: decimal(18,6) - Charges of prepaid days.
  nobody_amt: decimal(18,6) - Of prepaid_amt, charges of numbers that belonged to nobody known; nobody pays them.
  unrated_events: bigint - Events that no allowance covered and no price was put on.
  due_amt: decimal(18,2) - What the bills should say, line by line to the cent.
  billed_amt: decimal(18,2) - What they say, before discount; the discount itself negative.
  leakage_amt: decimal(18,2) - Due and not billed, lines where that is positive; null before the bills are in.
  over_billed_amt: decimal(18,2) - Billed and not due, lines where that is positive.
  cases: integer - Lines whose bill differs.
  expected_amt: decimal(18,2) - What the ledger should say from bills and prepaid charges; null where deliveries do not tell all of it.
  booked_amt: decimal(18,2) - What the ledger says, as closed last; null when finance has not delivered.
  difference_amt: decimal(18,2) - Booked less expected.
  is_agreed: boolean - The difference is one that rounding explains; null where nothing can be compared.
watch:
  - is_agreed is null or is_agreed
*/
-- Fees of prepaid lines are taken from balances and in no delivery, and neither is interconnect: the ledger alone knows.
with

usage_item as (
    select
        month_start,
        item_code,
        sum(rated_amt) as rated_amt,
        sum(prepaid_amt) as prepaid_amt,
        sum(case when subscription_key = -1 then prepaid_amt else 0 end) as nobody_amt,
        sum(unrated_events) as unrated_events,
        sum(due_amt) as due_amt,
        sum(case when leakage_amt > 0 then leakage_amt when leakage_amt <= 0 then 0 end) as leakage_amt,
        sum(case when leakage_amt < 0 then -leakage_amt when leakage_amt >= 0 then 0 end) as over_billed_amt,
        sum(case when leakage_amt <> 0 then 1 else 0 end) as cases
    from mart_assurance.line_item_month
    group by month_start, item_code
),

stated as (
    select cycle_month as month_start, item_code, billed_amt
    from core.fct_bill_item
    union all
    select cycle_month as month_start, 'discount' as item_code, -discount_amt as billed_amt
    from core.fct_bill_item
    union all
    select
        cast(date_trunc('month', posted_on) as date) as month_start, 'adjustment' as item_code,
        adjusted_amt as billed_amt
    from core.fct_adjustment
),

billed as (
    select
        month_start,
        item_code,
        sum(billed_amt) as billed_amt
    from stated
    group by month_start, item_code
),

ledger as (
    select
        book.month_start,
        coalesce(code.std_code, 'UNK') as item_code,
        book.revenue_amt,
        row_number() over (
            partition by book.month_start, book.account_code
            order by book.posted_on desc, book.known_on desc, book.delivery_id desc, book.row_no desc
        ) as place
    from stg_finance.ledger_revenue as book
    left join core.map_code as code
        on
            code.domain = 'ledger_item'
            and code.source = 'finance'
            and book.account_code = code.source_code
            and book.month_start >= code.valid_from
            and book.month_start < code.valid_to
    where book.superseded_on is null
),

booked as (
    select
        month_start,
        item_code,
        sum(revenue_amt) as booked_amt
    from ledger
    where place = 1
    group by month_start, item_code
),

known as (
    select month_start, item_code from usage_item
    union
    select month_start, item_code from billed
    union
    select month_start, item_code from booked
),

stood as (
    select
        known.month_start,
        known.item_code,
        coalesce(usage_item.rated_amt, 0) as rated_amt,
        coalesce(usage_item.prepaid_amt, 0) as prepaid_amt,
        coalesce(usage_item.nobody_amt, 0) as nobody_amt,
        coalesce(usage_item.unrated_events, 0) as unrated_events,
        coalesce(usage_item.due_amt, 0) as due_amt,
        coalesce(billed.billed_amt, 0) as billed_amt,
        case when issued.month_start is not null then coalesce(usage_item.leakage_amt, 0) end as leakage_amt,
        case when issued.month_start is not null then coalesce(usage_item.over_billed_amt, 0) end as over_billed_amt,
        coalesce(usage_item.cases, 0) as cases,
        case
            when issued.month_start is not null and known.item_code not in ('fee', 'interconnect', 'UNK')
                then
                    coalesce(billed.billed_amt, 0)
                    + round(coalesce(usage_item.prepaid_amt, 0) - coalesce(usage_item.nobody_amt, 0), 2)
        end as expected_amt,
        booked.booked_amt
    from known
    left join usage_item on known.month_start = usage_item.month_start and known.item_code = usage_item.item_code
    left join billed on known.month_start = billed.month_start and known.item_code = billed.item_code
    left join booked on known.month_start = booked.month_start and known.item_code = booked.item_code
    left join mart_assurance.bill_run as issued on known.month_start = issued.month_start
)

select
    stood.month_start,
    stood.item_code,
    stood.rated_amt,
    stood.prepaid_amt,
    stood.nobody_amt,
    stood.unrated_events,
    stood.due_amt,
    stood.billed_amt,
    stood.leakage_amt,
    stood.over_billed_amt,
    stood.cases,
    stood.expected_amt,
    stood.booked_amt,
    stood.booked_amt - stood.expected_amt as difference_amt,
    abs(stood.booked_amt - stood.expected_amt) <= threshold.ledger_tolerance_amt as is_agreed
from stood
cross join mart_assurance.threshold as threshold
