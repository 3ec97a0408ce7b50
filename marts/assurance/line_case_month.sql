/*
description: Postpaid lines in network without any bill, and lines that were used while they were barred, by month.
grain: [month_start, subscription_key, case_type]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads: {core.subscriber_day: 1 days, core.plan_fee: static}
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Subscription.
  case_type: varchar - unbilled_line or used_suspended.
  party_key: bigint - Customer as resolved when the case last held; -1 when unknown.
  plan_id: varchar - Plan, then.
  is_commercial: boolean - Belongs to the commercial population, then.
  days: integer - Days in network on a postpaid plan; of used_suspended, days with use that began and ended barred.
  events: bigint - Events on these days, as known when each closed.
  charge_amt: decimal(18,6) - Their rated charges.
  fee_amt: decimal(18,2) - Of an unbilled line, monthly fee of its last plan for these days; else 0.
checks:
  - days between 1 and 31
*/
-- A line barred within a day may have been used before; only a day that it was barred both before and after counts.
with

barred as (
    select day, subscription_key, party_key, plan_id, is_commercial, events, charge_amt
    from core.subscriber_day
    where status_type = 'suspended'
),

billed as (
    select cycle_month, subscription_key
    from core.fct_bill_item
    group by cycle_month, subscription_key
),

kind_of as (
    select
        cast(date_trunc('month', today.day) as date) as month_start, today.subscription_key,
        'used_suspended' as case_type, today.day, today.party_key, today.plan_id, today.is_commercial, today.events,
        today.charge_amt
    from barred as today
    inner join barred as yesterday
        on today.day - 1 = yesterday.day and today.subscription_key = yesterday.subscription_key
    where today.events > 0
    union all
    select
        issued.month_start, line.subscription_key, 'unbilled_line' as case_type, line.day, line.party_key,
        line.plan_id, line.is_commercial, line.events, line.charge_amt
    from core.subscriber_day as line
    inner join mart_assurance.bill_run as issued on cast(date_trunc('month', line.day) as date) = issued.month_start
    left join billed
        on issued.month_start = billed.cycle_month and line.subscription_key = billed.subscription_key
    where line.is_in_network and line.pay_type = 'postpaid' and billed.subscription_key is null
),

counted as (
    select
        month_start,
        subscription_key,
        case_type,
        count(*) as days,
        sum(events) as events,
        sum(charge_amt) as charge_amt,
        max(day) as last_on
    from kind_of
    group by month_start, subscription_key, case_type
)

select
    counted.month_start,
    counted.subscription_key,
    counted.case_type,
    kind_of.party_key,
    kind_of.plan_id,
    kind_of.is_commercial,
    counted.days,
    counted.events,
    counted.charge_amt,
    case
        when counted.case_type = 'unbilled_line'
            then round(
                coalesce(plan.monthly_fee_amt, 0) * counted.days
                / nullif(extract(day from last_day(counted.month_start)), 0), 2
            )
        else 0
    end as fee_amt
from counted
inner join kind_of
    on
        counted.last_on = kind_of.day
        and counted.subscription_key = kind_of.subscription_key
        and counted.case_type = kind_of.case_type
left join core.plan_fee as plan
    on kind_of.plan_id = plan.plan_id and kind_of.day >= plan.in_force_from and kind_of.day < plan.in_force_to
