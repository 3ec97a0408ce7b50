/*
description: What offers are judged by, for each line of the commercial population in network when the month closed.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
scope: subscription_key
requires: [stg_provisioning.offer_instance]
reads:
  core.bridge_subscription_offer: changes
  core.dim_date: static
  mart_usage.subscriber_month: 92 days
  mart_revenue.subscriber_month: 92 days
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed.
  line_type: varchar - handset, data_card or m2m.
  plan_id: varchar - Plan.
  tenure_months: integer - Calendar months since the first activation; null before.
  tenure_type: varchar - below_1_year, 1_to_3_years, above_3_years or unknown.
  contract_days_left: integer - Days until the contract ends; 0 without one.
  is_convergent: boolean - On a plan with broadband.
  overdue_amt: decimal(18,2) - Overdue of the account.
  active_days: decimal(9,2) - Days with any event per month, mean of this and the two months before.
  data_gb: decimal(18,6) - Volume per month, mean of the same months.
  billed_minutes: decimal(18,2) - Minutes of calls made per month, mean of the same months.
  revenue_amt: decimal(18,2) - Revenue per month, mean of the same months; of prepaid lines what was rated.
  offers_held: varchar - Offers held when the month closed, each between bars, as in |VAS-NEWS|.
checks:
  - contract_days_left >= 0 and active_days >= 0
*/
with

month_end as (
    select
        day,
        begins_at + interval 24 hours as ends_at
    from core.dim_date
    where day = last_day(day)
),

line as (
    select
        cast(date_trunc('month', snapshot.day) as date) as month_start,
        month_end.ends_at,
        snapshot.*
    from core.subscriber_day as snapshot
    inner join month_end on snapshot.day = month_end.day
    where snapshot.is_in_network and snapshot.is_commercial
),

used as (
    select
        month_start,
        subscription_key,
        active_days,
        data_gb,
        billed_minutes
    from mart_usage.subscriber_month
),

earned as (
    select
        month_start,
        subscription_key,
        case when pay_type = 'prepaid' then charge_amt else revenue_amt end as revenue_amt
    from mart_revenue.subscriber_month
),

-- Months in which a line was not there yet do not count; a line without a row of revenue earned nothing.
lately as (
    select
        line.month_start,
        line.subscription_key,
        sum(used.active_days) / count(*) as active_days,
        sum(used.data_gb) / count(*) as data_gb,
        sum(used.billed_minutes) / count(*) as billed_minutes,
        sum(coalesce(earned.revenue_amt, 0)) / count(*) as revenue_amt
    from line
    inner join used
        on
            line.subscription_key = used.subscription_key
            and line.month_start >= used.month_start
            and used.month_start >= line.month_start - interval 2 month
    left join earned
        on used.subscription_key = earned.subscription_key and used.month_start = earned.month_start
    group by line.month_start, line.subscription_key
),

held as (
    select
        line.month_start,
        line.subscription_key,
        '|' || string_agg(distinct offer.offer_id, '|' order by offer.offer_id) || '|' as offers_held
    from line
    inner join core.bridge_subscription_offer as offer
        on
            line.subscription_key = offer.subscription_key
            and line.ends_at > offer.valid_from
            and line.ends_at <= offer.valid_to
    group by line.month_start, line.subscription_key
)

select
    line.month_start,
    line.subscription_key,
    line.pay_type,
    line.line_type,
    line.plan_id,
    line.tenure_months,
    case
        when line.tenure_months is null then 'unknown'
        when line.tenure_months < 12 then 'below_1_year'
        when line.tenure_months < 36 then '1_to_3_years'
        else 'above_3_years'
    end as tenure_type,
    coalesce(greatest(date_diff('day', line.day, line.contract_end_on), 0), 0) as contract_days_left,
    coalesce(line.is_convergent, false) as is_convergent,
    coalesce(line.arrears_amt, 0) as overdue_amt,
    coalesce(lately.active_days, 0) as active_days,
    round(coalesce(lately.data_gb, 0), 6) as data_gb,
    round(coalesce(lately.billed_minutes, 0), 2) as billed_minutes,
    round(coalesce(lately.revenue_amt, 0), 2) as revenue_amt,
    coalesce(held.offers_held, '|') as offers_held
from line
left join lately on line.month_start = lately.month_start and line.subscription_key = lately.subscription_key
left join held on line.month_start = held.month_start and line.subscription_key = held.subscription_key
