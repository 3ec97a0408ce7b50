/*
description: "Call and message records as delivered: duplicates and partial records included."
grain: [delivery_id, file_no, row_no]
refresh: view
partition: event_day
columns:
  event_day: date - Business day on which the call or message began.
  msisdn_key: bigint - Number served.
  service_type: varchar - voice or sms.
  event_id: bigint - Reference of the call, shared by its partial records.
  record_seq: integer - Number of the partial record, from 1.
  start_at: timestamp - When the call or message began, UTC.
  direction_type: varchar - mo (made) or mt (received).
  other_msisdn_key: bigint - The other party; null when unknown.
  imsi_key: bigint - SIM identity.
  imei_key: bigint - Handset.
  tac: varchar - First eight digits of the handset's IMEI.
  imei_body_key: bigint - First fourteen digits of the handset's IMEI; null when it has fewer.
  lac: integer - Location area; null when the switch did not say.
  cell_id: integer - Cell in which it began; null when the switch did not say.
  roam_type: varchar - home, national or international.
  other_operator: varchar - Operator of the other party; own for on-net.
  trunk_code: varchar - Trunk group.
  cause_type: varchar - normal, partial, dropped or failed.
  duration_s: integer - Duration of this record in seconds.
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
    service_type,
    call_ref as event_id,
    record_seq,
    start_at,
    direction as direction_type,
    other_msisdn_key,
    imsi_key,
    imei_key,
    tac,
    imei_body_key,
    lac,
    cell_id,
    roam_type,
    other_operator,
    trunk as trunk_code,
    cause as cause_type,
    duration_s,
    charge_amt,
    is_free_unit,
    file_no,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_mediation.cdr
