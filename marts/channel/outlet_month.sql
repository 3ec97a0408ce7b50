/*
description: Each outlet by month with what it did and what it was then; open outlets without any activity are there with zeros.
grain: [month_start, outlet_id]
refresh: month
partition: month_start
keep: 60 months
public: true
reads:
  core.dim_outlet: static
  core.dim_outlet_hierarchy: static
  core.dim_area: static
  mart_channel.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  outlet_id: varchar - Outlet, or the code that a source used for one.
  channel_type: varchar - Type at the end of the month; unknown for codes that the list does not have.
  dealer_outlet_id: varchar - Dealer at the end of the month; the outlet itself when it reports to nobody.
  area_id: varchar - Area at the end of the month; unknown when not stated.
  city_area_id: varchar - City of that area; null when unknown.
  is_open: boolean - Listed and open at the end of the month.
  activations: integer - Lines activated for the first time.
  commercial_activations: integer - Of these, lines of the commercial population.
  handsets: integer - Handsets sold.
  handset_sales_amt: decimal(18,2) - Price of handsets sold.
  subsidy_amt: decimal(18,2) - Subsidy granted on handsets.
  payments: integer - Payments and top-ups taken in.
  payments_amt: decimal(18,2) - Payments and top-ups less reversals.
  service_orders: integer - Orders for existing lines.
  commission_lines: integer - Lines that earned commission in the month.
  commission_amt: decimal(18,2) - Commission booked as paid, less what was taken back.
  withheld_amt: decimal(18,2) - Commission booked as withheld.
  cost_amt: decimal(18,2) - Commission and subsidy; shop rent and wages are in no source.
  second_tranches: integer - Second tranches booked, paid or withheld.
  second_tranches_zero: integer - Of these, withheld or of no amount.
  third_tranches: integer - Third tranches booked, paid or withheld.
  third_tranches_zero: integer - Of these, withheld or of no amount.
  repeated_lines: integer - Lines with more bookings in the month than the threshold.
  is_activation_active: boolean - Activated more lines than the threshold.
  is_payment_active: boolean - Collected at least the threshold.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - cost_amt = commission_amt + subsidy_amt
*/
with

month as (
    select month_start, bool_and(is_closed) as is_closed, least(last_day(month_start), getvariable('as_of')) as last_on
    from mart_channel.outlet_activity_month
    group by month_start
),

open_outlet as (
    select month.month_start, month.last_on, month.is_closed, outlet.outlet_id
    from month
    inner join core.dim_outlet as outlet
        on
            month.last_on >= outlet.valid_from
            and coalesce(month.last_on < outlet.valid_to, true)
            and coalesce(month.last_on >= outlet.opened_on, true)
            and coalesce(month.last_on < outlet.closed_on, true)
),

present as (
    select month_start, outlet_id from open_outlet
    union
    select month_start, outlet_id from mart_channel.outlet_activity_month
)

select
    present.month_start,
    present.outlet_id,
    coalesce(state.channel_type, 'unknown') as channel_type,
    coalesce(way.dealer_outlet_id, present.outlet_id) as dealer_outlet_id,
    coalesce(state.area_id, 'unknown') as area_id,
    area.city_area_id,
    open_outlet.outlet_id is not null as is_open,
    coalesce(act.activations, 0) as activations,
    coalesce(act.commercial_activations, 0) as commercial_activations,
    coalesce(act.handsets, 0) as handsets,
    coalesce(act.handset_sales_amt, 0) as handset_sales_amt,
    coalesce(act.subsidy_amt, 0) as subsidy_amt,
    coalesce(act.payments, 0) as payments,
    coalesce(act.payments_amt, 0) as payments_amt,
    coalesce(act.service_orders, 0) as service_orders,
    coalesce(act.commission_lines, 0) as commission_lines,
    coalesce(act.commission_amt, 0) as commission_amt,
    coalesce(act.withheld_amt, 0) as withheld_amt,
    coalesce(act.commission_amt + act.subsidy_amt, 0) as cost_amt,
    coalesce(act.second_tranches, 0) as second_tranches,
    coalesce(act.second_tranches_zero, 0) as second_tranches_zero,
    coalesce(act.third_tranches, 0) as third_tranches,
    coalesce(act.third_tranches_zero, 0) as third_tranches_zero,
    coalesce(act.repeated_lines, 0) as repeated_lines,
    coalesce(act.activations > threshold.activation_active_lines, false) as is_activation_active,
    coalesce(act.payments_amt >= threshold.payment_active_amt, false) as is_payment_active,
    month.is_closed
from present
inner join month on present.month_start = month.month_start
cross join mart_channel.threshold as threshold
left join open_outlet
    on present.month_start = open_outlet.month_start and present.outlet_id = open_outlet.outlet_id
left join mart_channel.outlet_activity_month as act
    on present.month_start = act.month_start and present.outlet_id = act.outlet_id
left join core.dim_outlet as state
    on
        present.outlet_id = state.outlet_id
        and month.last_on >= state.valid_from
        and coalesce(month.last_on < state.valid_to, true)
left join core.dim_outlet_hierarchy as way
    on
        present.outlet_id = way.outlet_id
        and month.last_on >= way.valid_from
        and coalesce(month.last_on < way.valid_to, true)
left join core.dim_area as area on state.area_id = area.area_id
