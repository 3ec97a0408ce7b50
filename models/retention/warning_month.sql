/*
description: Lines warned of at a month's end - on the list, with a contract that ends, or likely to go to a cheaper plan - without the controls.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 14 months
public: true
optional:
  churn.score_month: no list, so no warnings of the model and no controls
reads:
  retention.list_month: 124 days
  retention.threshold: static
  retention.trigger: static
columns:
  month_start: date - First day of the month at whose end the warning was raised.
  subscription_key: bigint - Subscription, in network and commercial when the month closed.
  raised_on: date - Last day of the month.
  trigger_type: varchar - The most urgent of what was seen - contract_t1, model, contract_t2, contract_t3 or downgrade.
  triggers: integer - How many of them were seen.
  priority: integer - Priority of the trigger, 1 is the most urgent.
  contract_end_on: date - Last day of the contract; null without one.
  expected_profit_amt: decimal(18,6) - Expected profit of contacting the line; null when it is not on the list.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
checks:
  - triggers >= 1
*/
with

line as (
    select
        *,
        cast(date_trunc('month', day) as date) as month_start,
        pf_month_diff(day, contract_end_on) as months_to_contract_end
    from core.subscriber_day
    where day = last_day(day) and is_in_network and is_commercial
),

seen as (
    select
        month_start,
        subscription_key,
        case
            when months_to_contract_end = 1 then 'contract_t1'
            when months_to_contract_end = 2 then 'contract_t2'
            else 'contract_t3'
        end as trigger_type,
        null as expected_profit_amt
    from line
    where months_to_contract_end between 1 and 3
    union all
    select month_start, subscription_key, 'model' as trigger_type, expected_profit_amt
    from retention.list_month
    where not is_control
    union all
    select month_start, subscription_key, 'downgrade' as trigger_type, null as expected_profit_amt
    from retention.downgrade_month
    where is_downgrade_told
),

control as (
    select
        line.month_start,
        line.subscription_key
    from line
    cross join retention.threshold as threshold
    inner join retention.list_month as list
        on
            line.subscription_key = list.subscription_key
            and list.is_control
            and line.month_start >= list.month_start
            and last_day(list.month_start) > line.day - threshold.control_days
    group by line.month_start, line.subscription_key
),

ranked as (
    select
        seen.month_start,
        seen.subscription_key,
        seen.trigger_type,
        told.priority,
        count(*) over (partition by seen.month_start, seen.subscription_key) as triggers,
        max(seen.expected_profit_amt) over (partition by seen.month_start, seen.subscription_key)
            as expected_profit_amt,
        row_number() over (
            partition by seen.month_start, seen.subscription_key order by told.priority, seen.trigger_type
        ) as place
    from seen
    inner join retention.trigger as told on seen.trigger_type = told.trigger_type
)

select
    ranked.month_start,
    ranked.subscription_key,
    line.day as raised_on,
    ranked.trigger_type,
    ranked.triggers,
    ranked.priority,
    line.contract_end_on,
    ranked.expected_profit_amt,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    line.is_commercial
from ranked
inner join line on ranked.month_start = line.month_start and ranked.subscription_key = line.subscription_key
left join control on ranked.month_start = control.month_start and ranked.subscription_key = control.subscription_key
where ranked.place = 1 and control.subscription_key is null
