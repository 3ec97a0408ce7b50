/*
description: >-
  Lines that a model looks at: in the network at the close of the month's last day (T), of the commercial population, as known
  at that close. Everything else about churn is told of these lines.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
scope: subscription_key
frozen: true
open_month: false
public: true
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  msisdn_key: bigint - Number at T.
  party_key: bigint - Customer as resolved then; -1 when unknown.
  account_key: bigint - Account that pays; -1 when not told.
  outlet_id: varchar - Outlet that sold it.
  plan_id: varchar - Plan.
  brand: varchar - Brand.
  pay_type: varchar - prepaid or postpaid.
  line_type: varchar - handset, data_card or m2m.
  channel_type: varchar - Type of the outlet; null when unknown.
  area_id: varchar - Area of the customer.
  segment_type: varchar - Segment of the customer.
  vip_level: integer - Level of the customer, 0 to 5; null when not told.
  tenure_days: integer - Days since the first activation.
  stay_days: integer - Days since the current stay in the network began.
  is_suspended: boolean - Suspended.
  status_reason: varchar - Reason of the event that brought the status.
  status_days: integer - Days since the event that brought the status was known.
  contract_days_left: integer - Days until the contract ends, negative when it has; null without one.
  is_contract_bound: boolean - Bound by a contract that ends later.
  is_convergent: boolean - On a plan with broadband.
  last_event_on: date - Last day with any use; null before the first.
  silent_days: integer - Days since then; null before the first.
  active_days: integer - Days of the month with use, as each closed.
  events: bigint - Calls, messages and sessions of the month, as each day closed.
  voice_s: bigint - Seconds talked in the month.
  billed_minutes: bigint - Started minutes of calls made in the month.
  sms: bigint - Messages sent in the month.
  bytes: bigint - Bytes up and down in the month.
  charge_amt: decimal(18,6) - Rated charges of the month.
  balance_amt: decimal(18,2) - Prepaid balance; null when not told.
  account_overdue_amt: decimal(18,2) - Bills of the account past due less payments; negative when paid ahead.
  arrears_amt: decimal(18,2) - Overdue of the account, at least 0; the same on every line of it.
checks:
  - silent_days is null or silent_days >= 0
  - active_days between 0 and 31
*/
select
    cast(date_trunc('month', day) as date) as month_start,
    subscription_key,
    msisdn_key,
    coalesce(party_key, -1) as party_key,
    coalesce(account_key, -1) as account_key,
    outlet_id,
    plan_id,
    brand,
    pay_type,
    line_type,
    channel_type,
    area_id,
    segment_type,
    vip_level,
    tenure_days,
    date_diff('day', activated_on, day) as stay_days,
    status_type = 'suspended' as is_suspended,
    status_reason,
    date_diff('day', status_known_on, day) as status_days,
    date_diff('day', day, contract_end_on) as contract_days_left,
    is_contract_bound,
    is_convergent,
    last_event_on,
    date_diff('day', last_event_on, day) as silent_days,
    mtd_active_days as active_days,
    mtd_events as events,
    mtd_voice_s as voice_s,
    mtd_billed_minutes as billed_minutes,
    mtd_sms as sms,
    mtd_bytes as bytes,
    mtd_charge_amt as charge_amt,
    balance_amt,
    account_overdue_amt,
    arrears_amt
from core.subscriber_day
where day = last_day(day) and is_in_network and is_commercial
