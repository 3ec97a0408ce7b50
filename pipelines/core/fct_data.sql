/*
description: Data sessions, attributed to the subscription that held the number.
grain: [event_day, msisdn_key, event_id, start_at]
refresh: view
partition: event_day
scope: msisdn_key
columns:
  event_day: date - Business day on which it began.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  msisdn_key: bigint - Number served.
  event_id: bigint - Reference given by the source.
  start_at: timestamp - When it began, UTC.
  imsi_key: bigint - SIM identity.
  imei_key: bigint - Handset.
  tac: varchar - First eight digits of the handset's IMEI.
  cell_id: integer - Cell in which it began; null when unknown.
  roam_type: varchar - home, national or international.
  rat_type: varchar - 2G, 3G, 4G or 5G.
  bytes_up: bigint - Bytes sent by the handset.
  bytes_down: bigint - Bytes received by the handset.
  charge_amt: decimal(18,6) - Rated charge, after free units.
  is_free_unit: boolean - Whether an allowance covered all of it.
  partials: integer - Records that were merged.
*/
select
    event.event_day,
    event.subscription_key,
    event.msisdn_key,
    event.event_id,
    event.start_at,
    event.imsi_key,
    event.imei_key,
    event.tac,
    event.cell_id,
    event.roam_type,
    event.rat_type,
    event.bytes_up,
    event.bytes_down,
    event.charge_amt,
    event.is_free_unit,
    event.partials
from core.line_event as event
where event.service_type = 'data' and event.is_current
