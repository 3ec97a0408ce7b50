/*
description: Fees, allowances and rates of tariff plan versions, as last listed.
grain: [plan_id, plan_version, component_no]
columns:
  plan_id: varchar - Tariff plan.
  plan_version: integer - Version of the plan.
  component_no: integer - Place in the plan's list, from 1.
  component_type: varchar - fee, allowance or rate.
  service_type: varchar - voice, sms or data; null for a fee.
  zone_type: varchar - home, national, international or all.
  unit: varchar - minute, message or mb.
  block_size: integer - Units charged as one.
  allowance_units: decimal(18,2) - Units included per month; null for a rate.
  price_amt: decimal(18,6) - Price of a unit, or the monthly fee; null for an allowance.
checks:
  - allowance_units is null or allowance_units >= 0
  - price_amt is null or price_amt >= 0
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by plan_id, plan_version, component_no order by known_on desc, delivery_id desc, row_no desc
        ) as place,
        max(delivery_id) over (partition by plan_id, plan_version) as last_delivery_id
    from stg_catalogue.plan_component
    where superseded_on is null
)

select
    plan_id,
    plan_version,
    component_no,
    component_type,
    service_type,
    zone_type,
    unit,
    block_size,
    allowance_units,
    price_amt
from listed
where place = 1 and delivery_id = last_delivery_id
