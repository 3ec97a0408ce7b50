/*
description: >-
  What is left of the panel frozen on the last 31 December, by month - lines still in network, revenue kept, lines bound
  by contract. Sums of the panel's lines, so any two rows of a month may be added.
grain: [month_start, panel_on, value_band, pay_type, brand, plan_id, area_id, channel_type, segment_type]
nullable: [brand, plan_id, area_id, channel_type, segment_type]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
reads:
  retention.panel_line: 366 days
columns:
  month_start: date - First day of the month.
  panel_on: date - Day on which the panel was frozen, the last 31 December before the month.
  value_band: varchar - Value band at entry.
  pay_type: varchar - prepaid or postpaid, at entry, as all attributes.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  lines: integer - Lines of the panel.
  active_lines: integer - Of these, in network when the month closed.
  used_lines: integer - Of these, with any use in the month.
  bound_lines: integer - Lines in network with a contract that ends after the month.
  entry_bound_lines: integer - Lines that had such a contract when the panel was frozen.
  entry_revenue_amt: decimal(38,2) - Revenue of the panel in December, for comparison.
  revenue_amt: decimal(38,2) - Revenue of the panel in the month, of lines that left too; zero of bills until they arrive.
  bill_items: integer - Items on bills of the month; zero until they arrive.
checks:
  - active_lines <= lines and bound_lines <= active_lines and used_lines <= active_lines
*/
with

month as (
    select
        month_start,
        cast(date_trunc('year', month_start) - interval 1 month as date) as panel_month
    from mart_usage.subscriber_month
    group by month_start
),

state as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        is_in_network,
        is_contract_bound
    from core.subscriber_day
    where day = last_day(day)
)

select
    month.month_start,
    last_day(panel.month_start) as panel_on,
    panel.value_band,
    panel.pay_type,
    panel.brand,
    panel.plan_id,
    panel.area_id,
    panel.channel_type,
    panel.segment_type,
    bool_and(panel.is_commercial) as is_commercial,
    count(*) as lines,
    count(*) filter (where state.is_in_network) as active_lines,
    count(*) filter (where state.is_in_network and used.active_days > 0) as used_lines,
    count(*) filter (where state.is_in_network and state.is_contract_bound) as bound_lines,
    count(*) filter (where panel.is_contract_bound) as entry_bound_lines,
    sum(panel.revenue_amt) as entry_revenue_amt,
    coalesce(
        sum(case when money.pay_type = 'prepaid' then round(money.charge_amt, 2) else money.revenue_amt end), 0
    ) as revenue_amt,
    coalesce(sum(money.bill_items), 0) as bill_items
from month
inner join retention.panel_line as panel on month.panel_month = panel.month_start
left join state on month.month_start = state.month_start and panel.subscription_key = state.subscription_key
left join mart_usage.subscriber_month as used
    on month.month_start = used.month_start and panel.subscription_key = used.subscription_key
left join mart_revenue.subscriber_month as money
    on month.month_start = money.month_start and panel.subscription_key = money.subscription_key
group by
    month.month_start,
    panel.month_start,
    panel.value_band,
    panel.pay_type,
    panel.brand,
    panel.plan_id,
    panel.area_id,
    panel.channel_type,
    panel.segment_type
