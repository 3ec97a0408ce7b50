/*
description: Life-cycle events of subscriptions, with the attributes after each, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: event_day
columns:
  event_no: bigint - Number of the event; orders events of one instant.
  subscription_key: bigint - Subscription.
  event_type: varchar - What happened.
  event_at: timestamp - When it happened, UTC.
  event_day: date - Business day on which it happened.
  reason_type: varchar - Why, where the event has a reason.
  outlet_id: varchar - Outlet that did it.
  customer_key: bigint - Customer record after the event.
  account_key: bigint - Account after the event.
  msisdn_key: bigint - Phone number after the event.
  imsi_key: bigint - SIM identity after the event.
  iccid_key: bigint - SIM card after the event.
  plan_id: varchar - Tariff plan after the event.
  pay_type: varchar - prepaid or postpaid, after the event.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    event_no,
    user_id_key as subscription_key,
    event_type,
    event_at,
    event_day,
    reason as reason_type,
    outlet_id,
    cust_no_key as customer_key,
    acct_no_key as account_key,
    msisdn_key,
    imsi_key,
    iccid_key,
    plan_id,
    pay_type,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_provisioning.status_history
