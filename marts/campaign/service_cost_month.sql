/*
description: What carrying a second, a message or a byte cost in the month - direct cost over all that was carried.
grain: [month_start, service_type]
refresh: month
partition: month_start
keep: 60 months
public: true
optional:
  stg_finance.service_cost: no direct cost, so campaigns have no margin
columns:
  month_start: date - First day of the month, in the operator's time zone.
  service_type: varchar - voice (seconds made and received), sms (messages sent and received) or data (bytes).
  cost_amt: decimal(18,2) - Direct cost as finance closed it last.
  units: bigint - Seconds, messages or bytes carried.
  unit_cost_amt: decimal(38,18) - Cost of one; null when nothing was carried.
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by month_start, service_type order by posted_on desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_finance.service_cost
    where superseded_on is null
),

carried as (
    select
        month_start,
        sum(voice_seconds) as voice_units,
        sum(sms_sent + sms_received) as sms_units,
        sum(data_bytes) as data_units
    from mart_usage.subscriber_month
    group by month_start
),

costed as (
    select
        listed.month_start,
        listed.service_type,
        listed.cost_amt,
        coalesce(
            case listed.service_type
                when 'voice' then carried.voice_units
                when 'sms' then carried.sms_units
                when 'data' then carried.data_units
            end, 0
        ) as units
    from listed
    left join carried on listed.month_start = carried.month_start
    where listed.place = 1 and listed.service_type in ('voice', 'sms', 'data')
)

select
    month_start,
    service_type,
    cost_amt,
    units,
    round(pf_div(cost_amt, units), 18) as unit_cost_amt
from costed
