/*
description: >-
  Gross adds and churned lines as the base counts them, each with whether it was one and the same customer under another
  number; whatever is counted from it stands beside the book value.
grain: [month_start, subscription_key, movement_type]
refresh: month
partition: month_start
open_month: false
keep: 24 months
scope: subscription_key
public: true
reads: {mart_device.mover_outcome: changes}
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line.
  movement_type: varchar - gross_add or churn.
  party_key: bigint - Customer as resolved; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those at the side of the month that the movement belongs to.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  line_type: varchar - handset, data_card or m2m.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  outlet_id: varchar - Outlet that sold the line; unknown when nobody said.
  segment_type: varchar - Segment of the customer.
  churn_type: varchar - Of churn rows, voluntary, involuntary or port_out; else null.
  is_commercial: boolean - Belongs to the commercial population.
  is_re_entry: boolean - A gross add that is a return, or a churned line whose owner returned; false while nothing is known.
  is_repeated_re_entry: boolean - A return of whom another return was shortly before.
  confidence: decimal(5,4) - How sure the return is; 0 for none.
  is_effective: boolean - A gross add that is no return, was used and was billed in the month after.
  is_final: boolean - The judgement stands; else a later activation, or the next month, may still tell.
  is_closed: boolean - The month is over.
checks:
  - movement_type in ('gross_add', 'churn')
  - not (is_effective and (is_re_entry or movement_type <> 'gross_add'))
  - is_re_entry or not is_repeated_re_entry
*/
select
    movement.month_start,
    movement.subscription_key,
    movement.movement_type,
    movement.party_key,
    movement.pay_type,
    movement.brand,
    movement.plan_id,
    movement.line_type,
    movement.area_id,
    movement.channel_type,
    coalesce(line.outlet_id, 'unknown') as outlet_id,
    movement.segment_type,
    movement.churn_type,
    movement.is_commercial,
    coalesce(outcome.is_re_entry, false) as is_re_entry,
    coalesce(outcome.returns_in_row >= 2, false) as is_repeated_re_entry,
    coalesce(outcome.confidence, 0) as confidence,
    coalesce(outcome.is_effective, false) as is_effective,
    coalesce(outcome.is_final, false) as is_final,
    movement.is_closed
from mart_customer.subscriber_movement_month as movement
left join core.subscriber_day as line
    on last_day(movement.month_start) = line.day and movement.subscription_key = line.subscription_key
left join mart_device.mover_outcome as outcome
    on
        movement.subscription_key = outcome.subscription_key
        and movement.month_start = cast(outcome.valid_from as date)
        and outcome.side_type = case movement.movement_type when 'churn' then 'leaver' else 'joiner' end
where movement.movement_type in ('gross_add', 'churn')
