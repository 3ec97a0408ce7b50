/*
description: Fees, allowances and rates of tariff plan versions, as listed by each delivery of the catalogue.
grain: [delivery_id, row_no, component_no]
refresh: delivery
portable: "no - `with ordinality` counts from 1, Spark's posexplode from 0"
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
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    plan.plan_id,
    plan.plan_version,
    listed.component_no,
    listed.component.component_type,
    listed.component.service as service_type,
    listed.component.zone as zone_type,
    listed.component.unit,
    listed.component.block as block_size,
    listed.component.allowance as allowance_units,
    listed.component.price as price_amt,
    plan.delivery_id,
    plan.row_no,
    plan.known_on,
    plan.superseded_on
from raw_catalogue.plan as plan
cross join unnest(plan.components) with ordinality as listed (component, component_no)
