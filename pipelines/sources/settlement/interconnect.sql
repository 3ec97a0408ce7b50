/*
description: Settled traffic between operators, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: month_start
columns:
  month_start: date - First day of the month.
  operator_name: varchar - The other operator.
  direction_type: varchar - in (received) or out (sent).
  service_type: varchar - Service.
  minutes: decimal(18,2) - Minutes settled; null for messages.
  settled_amt: decimal(18,2) - Amount settled.
  settled_on: date - Day of settlement.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    cast(substring(month, 1, 4) || '-' || substring(month, 5, 2) || '-01' as date) as month_start,
    operator as operator_name,
    direction as direction_type,
    service as service_type,
    minutes,
    amount_amt as settled_amt,
    settled_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_settlement.interconnect
