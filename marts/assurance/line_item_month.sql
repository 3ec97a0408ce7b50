/*
description: >-
  What was rated against what was billed, by line, month and item of usage, to the cent. A bill item is the sum of the
  month's rated charges of a postpaid line rounded half up, so any difference is a case.
grain: [month_start, subscription_key, item_code]
refresh: month
partition: month_start
keep: 14 months
open_month: false
scope: subscription_key
public: true
reads:
  core.bridge_subscription_plan: changes
  core.dim_date: static
  core.dim_plan: static
columns:
  month_start: date - First day of the month, and of the billing cycle.
  subscription_key: bigint - Subscription; -1 for numbers that belonged to nobody known.
  item_code: varchar - voice, sms, data or roaming (all use abroad).
  pay_type: varchar - prepaid or postpaid when the month closed; attributes are those then, null when the line was not known.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  rated_amt: decimal(18,6) - Charges of the events on days on which the line was postpaid for most of the day, late ones included.
  prepaid_amt: decimal(18,6) - Charges of all other days; taken from the balance, on no bill.
  unrated_events: bigint - Events that no allowance covered and no price was put on.
  due_amt: decimal(18,2) - rated_amt rounded half up to the cent - what the bill should say.
  billed_amt: decimal(18,2) - What the bill says, before discount; 0 without an item.
  bill_items: integer - Items on bills; 0 when nothing was billed.
  leakage_amt: decimal(18,2) - Due less billed; positive is lost revenue, negative is billed too much; null before the bills are in.
  case_type: varchar - agreed, unbilled (due, no item), under_billed, over_billed, prepaid (neither), or no_bills before any bill of the month is in.
checks:
  - leakage_amt is null or leakage_amt = due_amt - billed_amt
watch:
  - case_type in ('agreed', 'prepaid', 'no_bills')
*/
with

charged as (
    select
        day,
        subscription_key,
        item_code,
        sum(charge_amt) as charge_amt,
        sum(unrated_events) as unrated_events
    from core.rated_day
    where charge_amt <> 0 or unrated_events > 0
    group by day, subscription_key, item_code
),

-- On a day on which a line changes its plan it is rated under the one that it had for longer.
held as (
    select
        charged.*,
        plan.plan_id,
        row_number() over (
            partition by charged.day, charged.subscription_key, charged.item_code
            order by
                epoch(least(plan.valid_to, date.begins_at + interval 24 hours))
                - epoch(greatest(plan.valid_from, date.begins_at)) desc,
                plan.valid_from asc
        ) as place
    from charged
    left join core.dim_date as date on charged.day = date.day
    left join core.bridge_subscription_plan as plan
        on
            charged.subscription_key = plan.subscription_key
            and date.begins_at < plan.valid_to
            and date.begins_at + interval 24 hours > plan.valid_from
),

postpaid as (
    select plan_id from core.dim_plan
    where pay_type = 'postpaid'
    group by plan_id
),

rated as (
    select
        cast(date_trunc('month', held.day) as date) as month_start,
        held.subscription_key,
        held.item_code,
        sum(case when postpaid.plan_id is not null then held.charge_amt else 0 end) as rated_amt,
        sum(case when postpaid.plan_id is null then held.charge_amt else 0 end) as prepaid_amt,
        sum(held.unrated_events) as unrated_events
    from held
    left join postpaid on held.plan_id = postpaid.plan_id
    where held.place = 1
    group by cast(date_trunc('month', held.day) as date), held.subscription_key, held.item_code
),

billed as (
    select
        cycle_month as month_start,
        subscription_key,
        item_code,
        sum(billed_amt) as billed_amt,
        count(*) as bill_items
    from core.fct_bill_item
    where item_code in ('voice', 'sms', 'data', 'roaming') and subscription_key is not null
    group by cycle_month, subscription_key, item_code
),

compared as (
    select
        coalesce(rated.month_start, billed.month_start) as month_start,
        coalesce(rated.subscription_key, billed.subscription_key) as subscription_key,
        coalesce(rated.item_code, billed.item_code) as item_code,
        coalesce(rated.rated_amt, 0) as rated_amt,
        coalesce(rated.prepaid_amt, 0) as prepaid_amt,
        coalesce(rated.unrated_events, 0) as unrated_events,
        cast(round(coalesce(rated.rated_amt, 0), 2) as decimal(18, 2)) as due_amt,
        coalesce(billed.billed_amt, 0) as billed_amt,
        coalesce(billed.bill_items, 0) as bill_items
    from rated
    full outer join billed
        on
            rated.month_start = billed.month_start
            and rated.subscription_key = billed.subscription_key
            and rated.item_code = billed.item_code
),

line as (
    select * from core.subscriber_day
    where day = last_day(day)
)

select
    compared.month_start,
    compared.subscription_key,
    compared.item_code,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    compared.rated_amt,
    compared.prepaid_amt,
    compared.unrated_events,
    compared.due_amt,
    compared.billed_amt,
    compared.bill_items,
    case when issued.month_start is not null then compared.due_amt - compared.billed_amt end as leakage_amt,
    case
        when compared.rated_amt = 0 and compared.bill_items = 0 then 'prepaid'
        when issued.month_start is null then 'no_bills'
        when compared.due_amt = compared.billed_amt then 'agreed'
        when compared.bill_items = 0 then 'unbilled'
        when compared.due_amt > compared.billed_amt then 'under_billed'
        else 'over_billed'
    end as case_type
from compared
left join mart_assurance.bill_run as issued on compared.month_start = issued.month_start
left join line on last_day(compared.month_start) = line.day and compared.subscription_key = line.subscription_key
