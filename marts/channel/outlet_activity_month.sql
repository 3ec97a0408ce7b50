/*
description: What each outlet did by month - lines, handsets, money and orders; only outlets that did anything.
grain: [month_start, outlet_id]
refresh: month
partition: month_start
keep: 60 months
public: true
reads: {mart_channel.threshold: static}
optional:
  stg_device.handset_sale: no handset sales
columns:
  month_start: date - First day of the month, in the operator's time zone.
  outlet_id: varchar - Outlet, or the code that a source used for one.
  activations: integer - Lines activated for the first time, of any population, by the outlet that the line's record names.
  commercial_activations: integer - Of these, lines of the commercial population.
  handsets: integer - Handsets sold.
  handset_sales_amt: decimal(18,2) - Price of handsets sold.
  subsidy_amt: decimal(18,2) - Subsidy granted on handsets.
  payments: integer - Payments and top-ups taken in; reversals not counted.
  payments_amt: decimal(18,2) - Payments and top-ups less reversals, where the source names the outlet.
  service_orders: integer - Orders for existing lines - changes of plan, card, number or owner, barring, release, return, end.
  commission_lines: integer - Lines that earned commission in the month; each counted once a month.
  commission_amt: decimal(18,2) - Commission booked as paid, less what was taken back.
  withheld_amt: decimal(18,2) - Commission booked as withheld.
  second_tranches: integer - Second tranches booked, paid or withheld.
  second_tranches_zero: integer - Of these, withheld or of no amount.
  third_tranches: integer - Third tranches booked, paid or withheld.
  third_tranches_zero: integer - Of these, withheld or of no amount.
  repeated_lines: integer - Lines with more bookings in the month than the threshold.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - commercial_activations <= activations
*/
with

act as (
    select
        day, outlet_id, 'activation' as kind, case when is_commercial then 1 else 0 end as pieces,
        cast(0 as decimal(18, 2)) as amount_amt, cast(0 as decimal(18, 2)) as subsidy_amt, 0 as tranche
    from core.subscriber_day
    where is_gross_add and outlet_id is not null
    union all
    select
        sold_on, outlet_id, 'handset' as kind, 1 as pieces, coalesce(price_amt, 0) as amount_amt,
        coalesce(subsidy_amt, 0) as subsidy_amt, 0 as tranche
    from core.fct_handset_sale
    where outlet_id is not null
    union all
    select
        paid_on, outlet_id, 'payment' as kind, case when is_reversal then 0 else 1 end as pieces, paid_amt,
        0 as subsidy_amt, 0 as tranche
    from core.fct_payment
    where outlet_id is not null
    union all
    select
        recharged_on, outlet_id, 'payment' as kind, case when is_reversal then 0 else 1 end as pieces, recharged_amt,
        0 as subsidy_amt, 0 as tranche
    from core.fct_recharge
    where outlet_id is not null
    union all
    select
        day, outlet_id, 'order' as kind, orders, 0 as amount_amt, 0 as subsidy_amt, 0 as tranche
    from core.outlet_order_day
    where event_type not in ('activate', 'pre_open', 'port_in', 'suspend_arrears')
    union all
    select
        booked_on, outlet_id, case when status_type = 'withheld' then 'withheld' else 'commission' end as kind,
        1 as pieces, commission_amt, 0 as subsidy_amt, coalesce(tranche, 0) as tranche
    from core.fct_commission
),

earner as (
    select
        cast(date_trunc('month', booked_on) as date) as month_start,
        outlet_id,
        subscription_key,
        count(*) as bookings,
        count(*) filter (where status_type is distinct from 'withheld') as paid_bookings
    from core.fct_commission
    where subscription_key is not null
    group by cast(date_trunc('month', booked_on) as date), outlet_id, subscription_key
),

earned as (
    select
        month_start,
        outlet_id,
        count(*) filter (where paid_bookings > 0) as commission_lines,
        count(*) filter (where bookings > threshold.repeat_services) as repeated_lines
    from earner
    cross join mart_channel.threshold as threshold
    group by month_start, outlet_id
),

done as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        *
    from act
)

select
    done.month_start,
    done.outlet_id,
    count(*) filter (where kind = 'activation') as activations,
    coalesce(sum(pieces) filter (where kind = 'activation'), 0) as commercial_activations,
    coalesce(sum(pieces) filter (where kind = 'handset'), 0) as handsets,
    coalesce(sum(amount_amt) filter (where kind = 'handset'), 0) as handset_sales_amt,
    sum(subsidy_amt) as subsidy_amt,
    coalesce(sum(pieces) filter (where kind = 'payment'), 0) as payments,
    coalesce(sum(amount_amt) filter (where kind = 'payment'), 0) as payments_amt,
    coalesce(sum(pieces) filter (where kind = 'order'), 0) as service_orders,
    coalesce(max(earned.commission_lines), 0) as commission_lines,
    coalesce(sum(amount_amt) filter (where kind = 'commission'), 0) as commission_amt,
    coalesce(sum(amount_amt) filter (where kind = 'withheld'), 0) as withheld_amt,
    count(*) filter (where tranche = 2) as second_tranches,
    count(*) filter (where tranche = 2 and (kind = 'withheld' or amount_amt = 0)) as second_tranches_zero,
    count(*) filter (where tranche = 3) as third_tranches,
    count(*) filter (where tranche = 3 and (kind = 'withheld' or amount_amt = 0)) as third_tranches_zero,
    coalesce(max(earned.repeated_lines), 0) as repeated_lines,
    last_day(done.month_start) <= getvariable('as_of') as is_closed
from done
left join earned on done.month_start = earned.month_start and done.outlet_id = earned.outlet_id
group by done.month_start, done.outlet_id
