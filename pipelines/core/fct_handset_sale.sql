/*
description: Handsets sold, each sale once, on the day it was made.
grain: [sold_on, sale_no]
refresh: day
partition: sold_on
scope: subscription_key
columns:
  sale_no: bigint - Sale.
  imei_key: bigint - Handset.
  tac: varchar - First eight digits of the handset's IMEI.
  outlet_id: varchar - Outlet.
  subscription_key: bigint - Line it was sold with; null without one.
  contract_months: integer - Length of the contract signed; 0 or null without one.
  sold_at: timestamp - When it was sold, UTC.
  sold_on: date - Business day on which it was sold.
  price_amt: decimal(18,2) - Price paid.
  subsidy_amt: decimal(18,2) - Subsidy granted; null when the source does not say.
*/
with

listed as (
    select
        *,
        row_number() over (partition by sold_on, sale_no order by known_on, delivery_id, row_no) as place
    from stg_device.handset_sale
    where superseded_on is null
)

select
    sale_no,
    imei_key,
    tac,
    outlet_id,
    subscription_key,
    contract_months,
    sold_at,
    sold_on,
    price_amt,
    subsidy_amt
from listed
where place = 1
