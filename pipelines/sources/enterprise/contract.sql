/*
description: Contracts of enterprises, as listed each month.
grain: [delivery_id, row_no]
refresh: delivery
partition: snapshot_on
columns:
  contract_no: varchar - Contract.
  enterprise_id: varchar - Enterprise.
  product_name: varchar - Product.
  signed_on: date - Day of signature.
  ends_on: date - Last day; null while open.
  monthly_amt: decimal(18,2) - Value per month.
  is_unified_payment: boolean - Whether the enterprise pays for its members.
  snapshot_on: date - The first of the month for which it was listed.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    contract_no,
    enterprise_id,
    product as product_name,
    signed_on,
    ends_on,
    monthly_amt,
    is_unified_payment,
    data_date as snapshot_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_enterprise.contract
