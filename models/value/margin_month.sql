/*
description: >-
  What each line earned and cost by month. Costs that are known for all together are shared out by use; what belongs to no
  line stands at subscription -1, so that every column adds up to what was booked.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads: {value.threshold: static}
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line; -1 for what belongs to no known line, the rests of sharing out included.
  billed_amt: decimal(18,6) - Billed after discount, without tax; zero before the bill has arrived.
  recharge_amt: decimal(18,6) - Recharges less reversals, without tax; fees of prepaid lines are in no delivery, but paid from them.
  adjusted_amt: decimal(18,6) - Adjustments; negative is a credit.
  revenue_amt: decimal(18,6) - The three together.
  interconnect_earned_amt: decimal(18,6) - Earned for calls and messages received from other networks, shared out by them.
  interconnect_cost_amt: decimal(18,6) - Paid for calls and messages sent to other networks, shared out by them.
  service_cost_amt: decimal(18,6) - Direct cost of calls, messages and data as finance closed it, shared out by use.
  recurring_margin_amt: decimal(18,6) - Revenue and interconnection earned, less interconnection and service cost.
  commission_amt: decimal(18,6) - Commission booked in the month and not withheld.
  subsidy_amt: decimal(18,6) - Handset subsidies granted in the month.
  margin_amt: decimal(18,6) - Recurring margin less commission and subsidy.
  is_billed: boolean - Bills of the month have arrived.
  is_costed: boolean - Finance has told the cost of the month.
checks:
  - revenue_amt = billed_amt + recharge_amt + adjusted_amt
  - margin_amt = recurring_margin_amt - commission_amt - subsidy_amt
*/
with

used as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        sum(case when service_type = 'voice' then duration_s else 0 end) as voice_units,
        sum(case when service_type = 'sms' then events else 0 end) as sms_units,
        sum(bytes_up + bytes_down) as data_units,
        sum(case when service_type = 'voice' and direction_type = 'mt' and not is_on_net then duration_s else 0 end)
            as voice_in_units,
        sum(case when service_type = 'voice' and direction_type = 'mo' and not is_on_net then duration_s else 0 end)
            as voice_out_units,
        sum(case when service_type = 'sms' and direction_type = 'mt' and not is_on_net then events else 0 end)
            as sms_in_units,
        sum(case when service_type = 'sms' and direction_type = 'mo' and not is_on_net then events else 0 end)
            as sms_out_units
    from core.usage_day_version   -- its rows that count now are parts of core.fct_usage_day, which need not be made first
    where is_current
    group by cast(date_trunc('month', day) as date), subscription_key
),

pool as (
    select month_start, service_type as pool_name, 'service' as kind, cost_amt as pool_amt
    from mart_campaign.service_cost_month
    union all
    select
        month_start, service_type || '_' || direction_type as pool_name, direction_type as kind,
        sum(settled_amt) as pool_amt
    from core.fct_interconnect_month
    group by month_start, service_type, direction_type
),

-- An amount whose units nobody used stays whole at subscription -1, and so does one of a service that is not known here.
driven as (
    select
        used.month_start,
        used.subscription_key,
        pool.kind,
        pool.pool_amt,
        case pool.pool_name
            when 'voice' then used.voice_units
            when 'sms' then used.sms_units
            when 'data' then used.data_units
            when 'voice_in' then used.voice_in_units
            when 'voice_out' then used.voice_out_units
            when 'sms_in' then used.sms_in_units
            when 'sms_out' then used.sms_out_units
        end as units,
        pool.pool_name
    from used
    inner join pool on used.month_start = pool.month_start
),

shared as (
    select
        month_start,
        subscription_key,
        kind,
        cast(round(
            pf_div(
                cast(pool_amt as double) * units,
                cast(sum(units) over (partition by month_start, pool_name) as double)
            ), 6
        ) as decimal(18, 6)) as amount_amt
    from driven
    where units > 0
),

movement as (
    select month_start, subscription_key, 'billed' as kind, cast(revenue_amt as decimal(18, 6)) as amount_amt
    from mart_revenue.subscriber_month
    union all
    select
        money.month_start, money.subscription_key, 'recharge' as kind,
        cast(
            round(cast(money.recharge_amt as double) / nullif(1 + threshold.recharge_tax_share, 0), 6) as decimal(18, 6)
        ) as amount_amt
    from mart_revenue.subscriber_month as money
    cross join value.threshold as threshold
    union all
    select month_start, subscription_key, 'adjusted' as kind, adjusted_amt as amount_amt
    from mart_revenue.subscriber_month
    union all
    select month_start, subscription_key, kind, amount_amt
    from shared
    union all
    select month_start, -1 as subscription_key, kind, pool_amt as amount_amt
    from pool
    union all
    select month_start, -1 as subscription_key, kind, -amount_amt as amount_amt
    from shared
    union all
    select
        cast(date_trunc('month', booked_on) as date) as month_start, subscription_key, 'commission' as kind,
        commission_amt as amount_amt
    from core.fct_commission
    where status_type is distinct from 'withheld'
    union all
    select
        cast(date_trunc('month', sold_on) as date) as month_start, subscription_key, 'subsidy' as kind,
        subsidy_amt as amount_amt
    from core.fct_handset_sale
    where subsidy_amt is not null
),

summed as (
    select
        month_start,
        coalesce(subscription_key, -1) as subscription_key,
        sum(case kind when 'billed' then amount_amt else 0 end) as billed_amt,
        sum(case kind when 'recharge' then amount_amt else 0 end) as recharge_amt,
        sum(case kind when 'adjusted' then amount_amt else 0 end) as adjusted_amt,
        sum(case kind when 'in' then amount_amt else 0 end) as earned_amt,
        sum(case kind when 'out' then amount_amt else 0 end) as sent_amt,
        sum(case kind when 'service' then amount_amt else 0 end) as service_amt,
        sum(case kind when 'commission' then amount_amt else 0 end) as commission_amt,
        sum(case kind when 'subsidy' then amount_amt else 0 end) as subsidy_amt
    from movement
    group by month_start, coalesce(subscription_key, -1)
),

billed as (
    select month_start
    from mart_revenue.subscriber_month
    group by month_start
    having sum(bill_items) > 0
),

costed as (
    select distinct month_start
    from mart_campaign.service_cost_month
)

select
    summed.month_start,
    summed.subscription_key,
    summed.billed_amt,
    summed.recharge_amt,
    summed.adjusted_amt,
    summed.billed_amt + summed.recharge_amt + summed.adjusted_amt as revenue_amt,
    summed.earned_amt as interconnect_earned_amt,
    summed.sent_amt as interconnect_cost_amt,
    summed.service_amt as service_cost_amt,
    summed.billed_amt + summed.recharge_amt + summed.adjusted_amt + summed.earned_amt - summed.sent_amt
    - summed.service_amt as recurring_margin_amt,
    summed.commission_amt,
    summed.subsidy_amt,
    summed.billed_amt + summed.recharge_amt + summed.adjusted_amt + summed.earned_amt - summed.sent_amt
    - summed.service_amt - summed.commission_amt - summed.subsidy_amt as margin_amt,
    billed.month_start is not null as is_billed,
    costed.month_start is not null as is_costed
from summed
left join billed on summed.month_start = billed.month_start
left join costed on summed.month_start = costed.month_start
