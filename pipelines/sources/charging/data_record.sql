/*
description: "Data session records as delivered: duplicates and partial records included."
grain: [delivery_id, file_no, row_no]
refresh: view
partition: event_day
columns:
  event_day: date - Business day on which the session began.
  msisdn_key: bigint - Number served.
  event_id: bigint - Charging id of the session, shared by its partial records.
  record_seq: integer - Number of the partial record, from 1.
  start_at: timestamp - When the session began, UTC.
  imsi_key: bigint - SIM identity.
  imei_key: bigint - Handset.
  tac: varchar - First eight digits of the handset's IMEI.
  imei_body_key: bigint - First fourteen digits of the handset's IMEI; null when it has fewer.
  cell_id: integer - Cell in which it began; null when unknown.
  roam_type: varchar - home, national or international.
  rat_type: varchar - 2G, 3G, 4G or 5G.
  apn: varchar - Access point as set on the handset.
  rating_group: integer - Rating group.
  bytes_up: bigint - Bytes sent by the handset in this record.
  bytes_down: bigint - Bytes received by the handset in this record.
  charge_amt: decimal(18,6) - Rated charge of this record, after free units.
  is_free_unit: boolean - Whether an allowance covered it.
  file_no: smallint - File within the delivery.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    event_day,
    served_msisdn_key as msisdn_key,
    charging_id as event_id,
    record_seq,
    start_at,
    imsi_key,
    imei_key,
    tac,
    imei_body_key,
    cell_id,
    roam_type,
    rat as rat_type,
    apn,
    rating_group,
    bytes_up,
    bytes_down,
    charge_amt,
    is_free_unit,
    file_no,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_charging.data_record
