/*
description: Subscription records, one row per record and change.
grain: [delivery_id, row_no]
refresh: delivery
partition: updated_on
columns:
  subscription_key: bigint - Subscription.
  customer_key: bigint - Customer record that holds it.
  account_key: bigint - Account that pays for it.
  msisdn_key: bigint - Phone number.
  imsi_key: bigint - SIM identity in the network.
  iccid_key: bigint - SIM card.
  brand: varchar - Brand sold under.
  pay_type: varchar - prepaid or postpaid.
  plan_id: varchar - Tariff plan.
  outlet_id: varchar - Outlet that sold it.
  line_type: varchar - handset, data_card or m2m.
  is_test: boolean - Whether the operator uses it for tests.
  activated_at: timestamp - Activation as the record says, UTC; a brand change may have reset it.
  contract_end_on: date - Last day of the contract; null without one.
  status_type: varchar - Status as the record says; the life-cycle events may disagree.
  updated_at: timestamp - When the record was changed, UTC.
  updated_on: date - Business day of the change.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    user_id_key as subscription_key,
    cust_no_key as customer_key,
    acct_no_key as account_key,
    msisdn_key,
    imsi_key,
    iccid_key,
    brand,
    pay_type,
    plan_id,
    outlet_id,
    line_type,
    is_test,
    activated_at,
    contract_end_on,
    status as status_type,
    updated_at,
    event_day as updated_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_provisioning.subscription
