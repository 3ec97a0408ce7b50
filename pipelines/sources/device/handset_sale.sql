/*
description: Handsets sold, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: sold_on
columns:
  sale_no: bigint - Sale.
  imei_key: bigint - Handset.
  imei_body_key: bigint - Handset without the check digit; null where its number cannot be one.
  tac: varchar - First eight digits of the handset's IMEI.
  outlet_id: varchar - Outlet.
  subscription_key: bigint - Subscription it was sold with; null without one.
  contract_months: integer - Length of the contract signed; 0 or null without one.
  sold_at: timestamp - When it was sold, UTC.
  sold_on: date - Business day on which it was sold.
  price_amt: decimal(18,2) - Price paid.
  subsidy_amt: decimal(18,2) - Subsidy granted.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    sale_no,
    imei_key,
    imei_body_key,
    tac,
    outlet_id,
    user_id_key as subscription_key,
    contract_months,
    sold_at,
    event_day as sold_on,
    price_amt,
    subsidy_amt,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_device.handset_sale
