/*
description: What each subscription was between one life-cycle event and the next, as known now.
grain: [subscription_key, valid_from]
columns:
  subscription_key: bigint - Subscription.
  valid_from: timestamp - Moment of the event, UTC.
  valid_to: timestamp - Moment of the next event, UTC; 9999-12-31 for the last.
  event_day: date - Business day of the event.
  event_no: bigint - The event.
  event_type: varchar - What happened.
  reason_type: varchar - Why, where the event has a reason.
  status_type: varchar - pre_open, active, suspended or terminated; a line first heard of by a change is active.
  is_in_network: boolean - Whether the line is in the network; suspended lines are.
  customer_key: bigint - Customer record that holds it.
  account_key: bigint - Account that pays for it.
  msisdn_key: bigint - Phone number; the last one once terminated.
  imsi_key: bigint - SIM identity.
  iccid_key: bigint - SIM card.
  plan_id: varchar - Tariff plan.
  pay_type: varchar - prepaid or postpaid.
  outlet_id: varchar - Outlet of the event.
checks:
  - valid_from < valid_to
  - is_in_network = (status_type in ('active', 'suspended'))
*/
with

-- An event that leaves an attribute out leaves it as it was.
state as (
    select
        subscription_key,
        event_at,
        lead(event_at, 1, timestamp '9999-12-31 00:00:00') over in_order as next_at,
        event_day,
        event_no,
        event_type,
        reason_type,
        outlet_id,
        coalesce(last_value(nullif(status_type, 'UNK') ignore nulls) over so_far, 'active') as status_type,
        last_value(customer_key ignore nulls) over so_far as customer_key,
        last_value(account_key ignore nulls) over so_far as account_key,
        last_value(msisdn_key ignore nulls) over so_far as msisdn_key,
        last_value(imsi_key ignore nulls) over so_far as imsi_key,
        last_value(iccid_key ignore nulls) over so_far as iccid_key,
        last_value(plan_id ignore nulls) over so_far as plan_id,
        last_value(pay_type ignore nulls) over so_far as pay_type
    from core.fct_subscription_event
    where superseded_on is null
    window
        in_order as (partition by subscription_key order by event_at, event_no),
        so_far as (
            partition by subscription_key order by event_at, event_no rows between unbounded preceding and current row
        )
)

select
    subscription_key,
    event_at as valid_from,
    next_at as valid_to,
    event_day,
    event_no,
    event_type,
    reason_type,
    status_type,
    status_type in ('active', 'suspended') as is_in_network,
    customer_key,
    account_key,
    msisdn_key,
    imsi_key,
    iccid_key,
    plan_id,
    pay_type,
    outlet_id
from state
where event_at < next_at
