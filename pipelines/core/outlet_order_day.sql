/*
description: What outlets did to lines by day, counted from the life-cycle events that name the outlet.
grain: [day, outlet_id, event_type]
refresh: day
partition: day
columns:
  day: date - Business day of the event.
  outlet_id: varchar - Outlet that did it.
  event_type: varchar - activate, plan_change, sim_change and so on, as provisioning says.
  orders: integer - Events.
*/
with

-- An event sent again is the same event.
told as (
    select
        event_day,
        outlet_id,
        event_type,
        row_number() over (partition by event_day, event_no order by known_on, delivery_id, row_no) as place
    from stg_provisioning.status_history
    where superseded_on is null
)

select
    event_day as day,
    outlet_id,
    event_type,
    count(*) as orders
from told
where place = 1 and outlet_id is not null
group by event_day, outlet_id, event_type
