/*
description: Each commercial line in network by month with the fee of its plan, how much of the plan it used, and its trend in use and spend.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
reads:
  core.plan_fee: static
  mart_revenue.subscriber_month: 186 days
  mart_usage.subscriber_month: 92 days
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Subscription, in network and commercial when the month closed.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  is_contract_bound: boolean - Has a contract that ends after the month.
  fee_amt: decimal(18,2) - Monthly fee of the plan as listed on that day; null when the catalogue did not know it.
  fee_band: integer - Quarter of the fees of all lines of that pay type, 1 is the cheapest; equal fees are in the same.
  used_share: decimal(18,4) - The most used of the plan's allowances, used per included; null without one.
  use_band: varchar - idle (below 30 %), part, full (above 100 %) or none (no allowance).
  active_days_3_months: integer - Days with any use in the three months up to this one.
  months_known: integer - Of these months, those in which the line was in network when they closed.
  revenue_3_months_amt: decimal(18,2) - Revenue of the three months before this one, which are billed; of prepaid lines, charges as rated.
  revenue_before_amt: decimal(18,2) - Revenue of the three months before those.
  months_before: integer - Of those, the months with any money.
checks:
  - fee_band between 1 and 4
*/
with

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        day,
        subscription_key,
        pay_type,
        brand,
        plan_id,
        area_id,
        channel_type,
        segment_type,
        is_commercial,
        is_contract_bound
    from core.subscriber_day
    where day = last_day(day) and is_in_network and is_commercial
),

priced as (
    select
        line.*,
        plan.monthly_fee_amt as fee_amt
    from line
    left join core.plan_fee as plan
        on line.plan_id = plan.plan_id and line.day >= plan.in_force_from and line.day < plan.in_force_to
),

bundle as (
    select
        month_start,
        subscription_key,
        max(used_share) as used_share
    from mart_data.bundle_month
    group by month_start, subscription_key
),

money as (
    select
        cast(money.month_start + shift.months * interval 1 month as date) as month_start,
        money.subscription_key,
        sum(
            case
                when shift.months > 3 then 0
                when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt
            end
        ) as recent_amt,
        sum(
            case
                when shift.months <= 3 then 0
                when money.pay_type = 'prepaid' then money.charge_amt else money.revenue_amt
            end
        ) as before_amt,
        sum(case when shift.months > 3 then 1 else 0 end) as months_before
    from mart_revenue.subscriber_month as money
    cross join (values (1), (2), (3), (4), (5), (6)) as shift (months)
    group by cast(money.month_start + shift.months * interval 1 month as date), money.subscription_key
),

used as (
    select
        cast(used.month_start + shift.months * interval 1 month as date) as month_start,
        used.subscription_key,
        sum(used.active_days) as active_days,
        sum(case when used.is_in_network then 1 else 0 end) as months_known
    from mart_usage.subscriber_month as used
    cross join (values (0), (1), (2)) as shift (months)
    group by cast(used.month_start + shift.months * interval 1 month as date), used.subscription_key
),

ranked as (
    select
        *,
        rank() over (partition by month_start, pay_type order by coalesce(fee_amt, 0)) as fee_rank,
        count(*) over (partition by month_start, pay_type) as lines
    from priced
)

select
    ranked.month_start,
    ranked.subscription_key,
    ranked.pay_type,
    ranked.brand,
    ranked.plan_id,
    ranked.area_id,
    ranked.channel_type,
    ranked.segment_type,
    ranked.is_commercial,
    ranked.is_contract_bound,
    ranked.fee_amt,
    1 + cast(floor(pf_div(4 * (ranked.fee_rank - 1), ranked.lines)) as integer) as fee_band,
    bundle.used_share,
    case
        when bundle.used_share is null then 'none'
        when bundle.used_share < 0.3 then 'idle'
        when bundle.used_share <= 1 then 'part'
        else 'full'
    end as use_band,
    coalesce(used.active_days, 0) as active_days_3_months,
    coalesce(used.months_known, 0) as months_known,
    coalesce(money.recent_amt, 0) as revenue_3_months_amt,
    coalesce(money.before_amt, 0) as revenue_before_amt,
    coalesce(money.months_before, 0) as months_before
from ranked
left join bundle
    on ranked.month_start = bundle.month_start and ranked.subscription_key = bundle.subscription_key
left join money on ranked.month_start = money.month_start and ranked.subscription_key = money.subscription_key
left join used on ranked.month_start = used.month_start and ranked.subscription_key = used.subscription_key
