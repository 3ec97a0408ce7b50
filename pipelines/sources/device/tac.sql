/*
description: Handset types, as listed by each delivery.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  tac: varchar - First digits of the IMEI that name the type; eight, six for old ones.
  device_brand: varchar - Maker.
  device_model: varchar - Model.
  os_name: varchar - Operating system.
  rat_type: varchar - Best radio generation it can use.
  sim_slots: integer - SIM slots.
  launched_on: date - Launch on the market.
  price_band: varchar - Price band at launch.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    tac,
    brand as device_brand,
    model as device_model,
    os as os_name,
    rat as rat_type,
    slots as sim_slots,
    launched_on,
    price_band,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_device.tac
