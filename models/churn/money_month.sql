/*
description: >-
  What each line pays up to T: bills, recharges, payments and the fee against what it uses. Bills are those of the months before,
  because the bill of the month itself arrives after T.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
reads:
  mart_revenue.subscriber_month: 123 days
  core.plan_fee: static
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  fee_amt: decimal(18,2) - Monthly fee of the plan, as listed at T; null when the plan is not listed.
  fee_rise_amt: decimal(18,2) - How much the listing of that plan version rose in the hundred days up to T.
  fee_per_minute: decimal(18,4) - Fee over the minutes of the months before, at least one minute.
  fee_per_gb: decimal(18,4) - Fee over the gigabytes of the months before, at least a hundredth.
  bill_1_amt: decimal(18,2) - Billed after discount for the month before; null without a bill.
  bill_2_amt: decimal(18,2) - Billed two months before.
  bill_3_amt: decimal(18,2) - Billed three months before.
  bill_mean_amt: decimal(18,2) - Mean of these bills.
  bill_rise_amt: decimal(18,2) - Bill of the month before less the one before that.
  billed_fee_amt: decimal(18,2) - Fees on the bill of the month before.
  billed_fee_rise_amt: decimal(18,2) - These less those three months before; null without both.
  billed_use_amt: decimal(18,2) - Use beyond the plan on the bill of the month before.
  discount_1_amt: decimal(18,2) - Discount on it.
  discount_change_amt: decimal(18,2) - That less the discount two months before.
  vas_1_amt: decimal(18,2) - Value-added services on it.
  roaming_1_amt: decimal(18,2) - Roaming on it.
  adjusted_amt: decimal(18,2) - Corrections in this and the two months before.
  recharge_amt: decimal(18,2) - Recharges of the month.
  recharge_1_amt: decimal(18,2) - Recharges of the month before.
  recharge_mean_amt: decimal(18,2) - Recharges a month, mean of the three before.
  recharge_ratio: decimal(18,4) - Recharges of the month over that mean, at most 100; null without.
  paid_amt: decimal(18,2) - Paid in the month.
  paid_3_amt: decimal(18,2) - Paid in the three months before.
  billed_unpaid_ratio: decimal(18,4) - Bills of the two months before less what was paid in this and the month before, over these bills.
*/
with

money as (
    select
        line.month_start,
        line.subscription_key,
        pf_month_diff(money.month_start, line.month_start) as ago,
        case when money.bill_items > 0 then money.revenue_amt end as revenue_amt,
        case when money.bill_items > 0 then money.fee_revenue_amt end as fee_revenue_amt,
        money.voice_revenue_amt + money.sms_revenue_amt + money.data_revenue_amt as use_amt,
        money.discount_amt,
        money.vas_revenue_amt,
        money.roaming_revenue_amt,
        money.adjusted_amt,
        money.recharge_amt,
        money.paid_amt
    from churn.line_month as line
    inner join mart_revenue.subscriber_month as money
        on
            line.subscription_key = money.subscription_key
            and line.month_start >= money.month_start
            and line.month_start <= money.month_start + interval 3 month
),

summed as (
    select
        month_start,
        subscription_key,
        max(case when ago = 1 then revenue_amt end) as bill_1_amt,
        max(case when ago = 2 then revenue_amt end) as bill_2_amt,
        max(case when ago = 3 then revenue_amt end) as bill_3_amt,
        sum(case when ago > 0 then revenue_amt end) as bills_amt,
        count(case when ago > 0 then revenue_amt end) as bills,
        max(case when ago = 1 then fee_revenue_amt end) as billed_fee_amt,
        max(case when ago = 3 then fee_revenue_amt end) as billed_fee_3_amt,
        max(case when ago = 1 then use_amt end) as billed_use_amt,
        max(case when ago = 1 then discount_amt end) as discount_1_amt,
        max(case when ago = 2 then discount_amt end) as discount_2_amt,
        max(case when ago = 1 then vas_revenue_amt end) as vas_1_amt,
        max(case when ago = 1 then roaming_revenue_amt end) as roaming_1_amt,
        sum(case when ago <= 2 then adjusted_amt end) as adjusted_amt,
        sum(case when ago = 0 then recharge_amt end) as recharge_amt,
        sum(case when ago = 1 then recharge_amt end) as recharge_1_amt,
        sum(case when ago > 0 then recharge_amt end) as recharges_amt,
        sum(case when ago = 0 then paid_amt end) as paid_amt,
        sum(case when ago > 0 then paid_amt end) as paid_3_amt,
        sum(case when ago <= 1 then paid_amt end) as paid_2_amt
    from money
    group by month_start, subscription_key
),

-- What the listing said at T and a hundred days earlier about the version that was on sale.
fee as (
    select
        month.month_start,
        now.plan_id,
        now.monthly_fee_amt as fee_amt,
        now.monthly_fee_amt - coalesce(past.monthly_fee_amt, now.monthly_fee_amt) as fee_rise_amt
    from (select distinct month_start from churn.line_month) as month
    inner join core.plan_fee as now
        on last_day(month.month_start) >= now.in_force_from and last_day(month.month_start) < now.in_force_to
    left join core.plan_fee as past
        on
            now.plan_id = past.plan_id
            and now.plan_version = past.plan_version
            and last_day(month.month_start) - 100 >= past.known_from
            and last_day(month.month_start) - 100 < past.known_to
)

select
    line.month_start,
    line.subscription_key,
    fee.fee_amt,
    fee.fee_rise_amt,
    round(pf_div(fee.fee_amt, greatest(usage.minutes_mean, 1)), 4) as fee_per_minute,
    round(pf_div(fee.fee_amt, greatest(usage.data_mb_mean / 1024, 0.01)), 4) as fee_per_gb,
    summed.bill_1_amt,
    summed.bill_2_amt,
    summed.bill_3_amt,
    round(pf_div(summed.bills_amt, summed.bills), 2) as bill_mean_amt,
    summed.bill_1_amt - summed.bill_2_amt as bill_rise_amt,
    summed.billed_fee_amt,
    summed.billed_fee_amt - summed.billed_fee_3_amt as billed_fee_rise_amt,
    summed.billed_use_amt,
    summed.discount_1_amt,
    summed.discount_1_amt - summed.discount_2_amt as discount_change_amt,
    summed.vas_1_amt,
    summed.roaming_1_amt,
    coalesce(summed.adjusted_amt, 0) as adjusted_amt,
    coalesce(summed.recharge_amt, 0) as recharge_amt,
    coalesce(summed.recharge_1_amt, 0) as recharge_1_amt,
    round(coalesce(summed.recharges_amt, 0) / 3, 2) as recharge_mean_amt,
    round(least(pf_div(3 * coalesce(summed.recharge_amt, 0), summed.recharges_amt), 100), 4) as recharge_ratio,
    coalesce(summed.paid_amt, 0) as paid_amt,
    coalesce(summed.paid_3_amt, 0) as paid_3_amt,
    round(
        pf_div(
            coalesce(summed.bill_1_amt, 0) + coalesce(summed.bill_2_amt, 0) - coalesce(summed.paid_2_amt, 0),
            coalesce(summed.bill_1_amt, 0) + coalesce(summed.bill_2_amt, 0)
        ), 4
    ) as billed_unpaid_ratio
from churn.line_month as line
inner join churn.usage_month as usage
    on line.month_start = usage.month_start and line.subscription_key = usage.subscription_key
left join summed on line.month_start = summed.month_start and line.subscription_key = summed.subscription_key
left join fee on line.month_start = fee.month_start and line.plan_id = fee.plan_id
