/*
description: Dealers by month, an outlet's dealer being the top of the way up - their share of activations and what their lines leave.
grain: [month_start, dealer_outlet_id]
refresh: month
partition: month_start
keep: 60 months
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  dealer_outlet_id: varchar - Dealer; an outlet that reports to nobody is its own.
  outlets: integer - Outlets that report to it and were open or active, itself included.
  active_outlets: integer - Of these, activation-active.
  activations: integer - Lines that they activated.
  all_activations: integer - Lines that all dealers activated; the denominator of the share.
  activation_share: decimal(9,4) - The quotient; null in a month without activations.
  revenue_amt: decimal(18,2) - Billed after discount in the month for lines that they sold at any time; zero until the bill arrives.
  charge_amt: decimal(18,6) - Rated charges of their prepaid lines, which are not billed.
  commission_amt: decimal(18,2) - Commission booked as paid.
  subsidy_amt: decimal(18,2) - Subsidy granted on handsets.
  margin_amt: decimal(18,2) - Revenue and charges less commission and subsidy; cost of network and shops is in no part of it.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - activation_share is null or activation_share between 0 and 1
*/
with

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        coalesce(outlet_id, 'unknown') as outlet_id
    from core.subscriber_day
    where day = least(last_day(day), getvariable('as_of'))
),

earned as (
    select
        line.month_start,
        line.outlet_id,
        sum(revenue.revenue_amt) as revenue_amt,
        sum(case when revenue.pay_type = 'prepaid' then revenue.charge_amt else 0 end) as charge_amt
    from line
    inner join mart_revenue.subscriber_month as revenue
        on line.month_start = revenue.month_start and line.subscription_key = revenue.subscription_key
    group by line.month_start, line.outlet_id
),

dealer as (
    select
        outlet.month_start,
        outlet.dealer_outlet_id,
        count(*) as outlets,
        count(*) filter (where outlet.is_activation_active) as active_outlets,
        sum(outlet.activations) as activations,
        coalesce(sum(earned.revenue_amt), 0) as revenue_amt,
        coalesce(sum(earned.charge_amt), 0) as charge_amt,
        sum(outlet.commission_amt) as commission_amt,
        sum(outlet.subsidy_amt) as subsidy_amt,
        bool_and(outlet.is_closed) as is_closed
    from mart_channel.outlet_month as outlet
    left join earned on outlet.month_start = earned.month_start and outlet.outlet_id = earned.outlet_id
    group by outlet.month_start, outlet.dealer_outlet_id
),

shared as (
    select
        *,
        sum(activations) over (partition by month_start) as all_activations
    from dealer
)

select
    month_start,
    dealer_outlet_id,
    outlets,
    active_outlets,
    activations,
    all_activations,
    round(pf_div(activations, all_activations), 4) as activation_share,
    revenue_amt,
    charge_amt,
    commission_amt,
    subsidy_amt,
    round(revenue_amt + charge_amt - commission_amt - subsidy_amt, 2) as margin_amt,
    is_closed
from shared
