/*
description: Messages sent and received, attributed to the subscription that held the number.
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
  direction_type: varchar - mo (made) or mt (received).
  other_msisdn_key: bigint - The other party; null when unknown.
  imsi_key: bigint - SIM identity.
  imei_key: bigint - Handset.
  tac: varchar - First eight digits of the handset's IMEI.
  cell_id: integer - Cell in which it began; null when unknown.
  roam_type: varchar - home, national or international.
  other_operator: varchar - Operator of the other party.
  is_on_net: boolean - Whether the other party is a customer of this operator.
  charge_amt: decimal(18,6) - Rated charge, after free units.
  is_free_unit: boolean - Whether an allowance covered all of it.
  cause_type: varchar - normal, dropped or failed.
*/
select
    event.event_day,
    event.subscription_key,
    event.msisdn_key,
    event.event_id,
    event.start_at,
    event.direction_type,
    event.other_msisdn_key,
    event.imsi_key,
    event.imei_key,
    event.tac,
    event.cell_id,
    event.roam_type,
    event.other_operator,
    event.is_on_net,
    event.charge_amt,
    event.is_free_unit,
    event.cause_type
from core.line_event as event
where event.service_type = 'sms' and event.is_current
