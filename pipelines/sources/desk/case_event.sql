/*
description: What people did about findings on outlets, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: acted_on
columns:
  event_no: bigint - Step.
  outlet_id: varchar - Outlet that the case is about.
  month_start: date - First day of the month that the case is about.
  model_type: varchar - fake_activation, cross_region or commission_anomaly.
  action_type: varchar - opened, assigned, appealed, decided or closed.
  result_type: varchar - confirmed, dismissed or arbitrated; null before a decision.
  arbitrage_code: varchar - 01 volume, 02 spam messages, 03 service provider, 04 own use of data, 05 other.
  handler: varchar - Account of who did it.
  acted_at: timestamp - When, UTC.
  acted_on: date - Business day.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    event_no,
    outlet_id,
    cast(substring(month, 1, 4) || '-' || substring(month, 5, 2) || '-01' as date) as month_start,
    model as model_type,
    action as action_type,
    result as result_type,
    arbitrage_code,
    handler,
    acted_at,
    event_day as acted_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_desk.case_event
