/*
description: What a unit cost on average, by plan and service, and on how many lines more than any tariff could ask; use abroad left out.
grain: [month_start, plan_id, item_code]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads: {mart_assurance.threshold: static}
columns:
  month_start: date - First day of the month.
  plan_id: varchar - Plan when the month closed; 'unknown' for lines not known then.
  item_code: varchar - voice, sms or data.
  lines: integer - Lines charged for it.
  charge_amt: decimal(18,6) - Rated charges, postpaid and prepaid.
  units: decimal(38,6) - Started minutes of calls made, messages sent, or kilobytes (1024 bytes) of these lines, free ones too.
  price_amt: decimal(18,6) - Charge per unit; null without units.
  price_max_amt: decimal(18,6) - Highest plausible price of a unit.
  lines_above: integer - Lines whose own charge per unit is above it.
watch:
  - lines_above = 0
*/
with

line as (
    select
        item.month_start,
        coalesce(item.plan_id, 'unknown') as plan_id,
        item.item_code,
        item.rated_amt + item.prepaid_amt as charge_amt,
        case item.item_code
            when 'voice' then used.billed_minutes
            when 'sms' then used.sms_sent
            else round(cast(used.data_bytes as decimal(38, 6)) / 1024, 6)
        end as units,
        case item.item_code
            when 'voice' then threshold.voice_price_max_amt
            when 'sms' then threshold.sms_price_max_amt
            else threshold.data_price_max_amt
        end as price_max_amt
    from mart_assurance.line_item_month as item
    cross join mart_assurance.threshold as threshold
    left join mart_usage.subscriber_month as used
        on item.month_start = used.month_start and item.subscription_key = used.subscription_key
    where item.item_code in ('voice', 'sms', 'data') and item.rated_amt + item.prepaid_amt > 0
)

select
    month_start,
    plan_id,
    item_code,
    count(*) as lines,
    sum(charge_amt) as charge_amt,
    sum(units) as units,
    round(pf_div(sum(charge_amt), sum(units)), 6) as price_amt,
    max(price_max_amt) as price_max_amt,
    sum(case when charge_amt > coalesce(units, 0) * price_max_amt then 1 else 0 end) as lines_above
from line
group by month_start, plan_id, item_code
