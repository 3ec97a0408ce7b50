/*
description: Commission tranches, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: booked_on
columns:
  commission_no: bigint - Tranche booked.
  outlet_id: varchar - Outlet.
  subscription_key: bigint - Subscription sold; null for general commission.
  scheme_code: varchar - Scheme.
  tranche: integer - Number of the tranche within the scheme.
  due_month: date - First day of the month in which it is due.
  commission_amt: decimal(18,2) - Amount; negative when taken back.
  status_type: varchar - State of the tranche.
  booked_at: timestamp - When it was booked, UTC.
  booked_on: date - Business day on which it was booked.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    commission_no,
    outlet_id,
    user_id_key as subscription_key,
    scheme as scheme_code,
    tranche,
    cast(substring(due_month, 1, 4) || '-' || substring(due_month, 5, 2) || '-01' as date) as due_month,
    amount_amt as commission_amt,
    status as status_type,
    booked_at,
    event_day as booked_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_channel.commission
