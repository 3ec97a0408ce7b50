/*
description: Traffic settled with other operators by month, each month as settled last.
grain: [month_start, operator_name, direction_type, service_type]
refresh: month
partition: month_start
keep: 60 months
optional:
  stg_settlement.interconnect: no settled traffic, so margins are without interconnection
columns:
  month_start: date - First day of the month.
  operator_name: varchar - The other operator.
  direction_type: varchar - in (received, which earns) or out (sent, which costs).
  service_type: varchar - voice or sms, or as the source says.
  minutes: decimal(18,2) - Minutes settled; null for messages.
  settled_amt: decimal(18,2) - Amount settled.
  settled_on: date - Day of the settlement that counts.
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by month_start, operator_name, direction_type, service_type
            order by settled_on desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_settlement.interconnect
    where superseded_on is null
)

select
    month_start,
    operator_name,
    direction_type,
    service_type,
    minutes,
    settled_amt,
    settled_on
from listed
where place = 1
