/*
description: What each commercial line in network brought in the twelve months up to this one, and per month of those told in full.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads:
  value.margin_month: 366 days
  mart_revenue.subscriber_month: 366 days
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  party_key: bigint - Customer when the month closed; -1 when unknown.
  pay_type: varchar - prepaid or postpaid.
  line_type: varchar - handset, data_card or m2m.
  segment_type: varchar - Segment of the customer.
  vip_level: integer - Level of the customer, 0 to 5; null when not told.
  tenure_months: integer - Calendar months since the first activation; 0 when not told.
  is_contract_bound: boolean - Has a contract that ends later.
  is_convergent: boolean - On a plan with broadband.
  revenue_12_amt: decimal(18,2) - Revenue of the twelve months.
  margin_12_amt: decimal(18,2) - Margin of the twelve months, commission and subsidy taken off - the realised value.
  months: integer - Months of the twelve that are billed and costed and in which the line had begun.
  spend_amt: decimal(18,6) - Revenue per such month; null without any.
  recurring_amt: decimal(18,6) - Recurring margin per such month; null without any.
  data_spend_amt: decimal(18,6) - Billed for data per month of twelve.
  vas_spend_amt: decimal(18,6) - Billed for value-added services per month of twelve.
  roaming_spend_amt: decimal(18,6) - Billed for roaming per month of twelve.
checks:
  - months between 0 and 12
*/
with

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        coalesce(party_key, -1) as party_key,
        pay_type,
        line_type,
        segment_type,
        vip_level,
        coalesce(tenure_months, 0) as tenure_months,
        is_contract_bound,
        is_convergent
    from core.subscriber_day
    where day = last_day(day) and is_in_network and is_commercial
),

known as (
    select distinct month_start
    from value.margin_month
    where is_billed and is_costed
),

-- How many months told in full a line of each age has within the twelve.
age as (
    select distinct
        month_start,
        least(tenure_months, 11) as age
    from line
),

counted as (
    select
        age.month_start,
        age.age,
        count(*) as months
    from age
    inner join known
        on
            age.month_start >= known.month_start
            and known.month_start >= cast(age.month_start - age.age * interval 1 month as date)
    group by age.month_start, age.age
),

earned as (
    select
        line.month_start,
        line.subscription_key,
        sum(margin.revenue_amt) as revenue_amt,
        sum(margin.margin_amt) as margin_amt,
        sum(case when margin.is_billed and margin.is_costed then margin.revenue_amt else 0 end) as told_revenue_amt,
        sum(case when margin.is_billed and margin.is_costed then margin.recurring_margin_amt else 0 end)
            as told_recurring_amt
    from line
    inner join value.margin_month as margin
        on
            line.subscription_key = margin.subscription_key
            and line.month_start >= margin.month_start
            and margin.month_start > line.month_start - interval 12 month
    group by line.month_start, line.subscription_key
),

item as (
    select
        line.month_start,
        line.subscription_key,
        sum(money.data_revenue_amt) as data_amt,
        sum(money.vas_revenue_amt) as vas_amt,
        sum(money.roaming_revenue_amt) as roaming_amt
    from line
    inner join mart_revenue.subscriber_month as money
        on
            line.subscription_key = money.subscription_key
            and line.month_start >= money.month_start
            and money.month_start > line.month_start - interval 12 month
    group by line.month_start, line.subscription_key
)

select
    line.month_start,
    line.subscription_key,
    line.party_key,
    line.pay_type,
    line.line_type,
    line.segment_type,
    line.vip_level,
    line.tenure_months,
    line.is_contract_bound,
    line.is_convergent,
    round(coalesce(earned.revenue_amt, 0), 2) as revenue_12_amt,
    round(coalesce(earned.margin_amt, 0), 2) as margin_12_amt,
    coalesce(counted.months, 0) as months,
    round(pf_div(coalesce(earned.told_revenue_amt, 0), counted.months), 6) as spend_amt,
    round(pf_div(coalesce(earned.told_recurring_amt, 0), counted.months), 6) as recurring_amt,
    round(coalesce(item.data_amt, 0) / 12.0, 6) as data_spend_amt,
    round(coalesce(item.vas_amt, 0) / 12.0, 6) as vas_spend_amt,
    round(coalesce(item.roaming_amt, 0) / 12.0, 6) as roaming_spend_amt
from line
left join counted on line.month_start = counted.month_start and least(line.tenure_months, 11) = counted.age
left join earned on line.month_start = earned.month_start and line.subscription_key = earned.subscription_key
left join item on line.month_start = item.month_start and line.subscription_key = item.subscription_key
