/*
description: What people did about the warehouse's findings on outlets, each step once.
grain: [event_no]
optional: {stg_desk.case_event: no case was ever handled}
columns:
  event_no: bigint - Step.
  outlet_id: varchar - Outlet that the case is about.
  month_start: date - First day of the month that the case is about.
  model_type: varchar - fake_activation, cross_region or commission_anomaly.
  action_type: varchar - opened, assigned, appealed, decided or closed.
  result_type: varchar - confirmed, dismissed or arbitrated; null before a decision.
  arbitrage_code: varchar - 01 volume, 02 spam messages, 03 service provider, 04 own use of data, 05 other; null unless arbitrated.
  handler: varchar - Account of who did it.
  acted_at: timestamp - When, UTC.
checks:
  - arbitrage_code is null or result_type = 'arbitrated'
*/
with

listed as (
    select
        *,
        row_number() over (partition by event_no order by known_on, delivery_id, row_no) as place
    from stg_desk.case_event
    where superseded_on is null
)

select
    event_no,
    outlet_id,
    month_start,
    model_type,
    action_type,
    result_type,
    arbitrage_code,
    handler,
    acted_at
from listed
where place = 1
