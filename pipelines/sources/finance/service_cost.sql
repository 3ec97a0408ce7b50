/*
description: Direct cost of services, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: month_start
columns:
  month_start: date - First day of the month.
  service_type: varchar - Service.
  cost_amt: decimal(18,2) - Direct cost.
  posted_on: date - Day of posting.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    cast(substring(month, 1, 4) || '-' || substring(month, 5, 2) || '-01' as date) as month_start,
    service as service_type,
    cost_amt,
    posted_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_finance.service_cost
