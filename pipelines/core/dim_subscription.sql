/*
description: Subscriptions as known now; a new one at every activation, whatever number it uses.
grain: [subscription_key]
columns:
  subscription_key: bigint - Subscription.
  customer_key: bigint - Customer record that holds it.
  party_key: bigint - Party behind the record; null when CRM never told of it.
  account_key: bigint - Account that pays for it.
  brand: varchar - Brand sold under.
  pay_type: varchar - prepaid or postpaid.
  line_type: varchar - handset, data_card or m2m.
  plan_id: varchar - Tariff plan.
  outlet_id: varchar - Outlet that sold it; by the order of precedence where systems differ.
  is_test: boolean - Whether the operator uses it for tests.
  status_type: varchar - pre_open, active, suspended or terminated, from the life-cycle events; the record's word without any.
  first_activated_at: timestamp - First activation, UTC; null before.
  activated_on: date - Business day on which the current or last stay in the network began; null before.
  terminated_at: timestamp - When it was terminated, UTC; null while it is not.
  termination_reason: varchar - Why; null while it is not.
  contract_end_on: date - Last day of the contract; null without one.
checks:
  - terminated_at is null or status_type = 'terminated'
watch:
  - first_activated_at is not null or status_type = 'pre_open'
  - party_key is not null
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by subscription_key order by updated_at desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_provisioning.subscription
    where superseded_on is null
),

life as (
    select
        subscription_key,
        min(case when is_in_network then valid_from end) as first_activated_at,
        max(case when event_type in ('activate', 'reactivate') then event_day end) as last_activated_on,
        min(case when is_in_network then event_day end) as first_activated_on
    from core.subscription_period
    group by subscription_key
),

newest as (
    select
        period.*,
        life.first_activated_at,
        coalesce(life.last_activated_on, life.first_activated_on) as activated_on
    from core.subscription_period as period
    inner join life on period.subscription_key = life.subscription_key
    where period.valid_to = timestamp '9999-12-31 00:00:00'
),

-- The moment of termination is that of the event that brought it, not of a later change of a dead line.
ended as (
    select
        subscription_key,
        event_at as terminated_at,
        reason_type as termination_reason,
        row_number() over (partition by subscription_key order by event_at desc, event_no desc) as place
    from core.fct_subscription_event
    where superseded_on is null and status_type = 'terminated'
),

record as (
    select *
    from listed
    where place = 1
)

select
    coalesce(newest.subscription_key, record.subscription_key) as subscription_key,
    coalesce(newest.customer_key, record.customer_key) as customer_key,
    xref.party_key,
    coalesce(newest.account_key, record.account_key) as account_key,
    record.brand,
    coalesce(newest.pay_type, record.pay_type) as pay_type,
    record.line_type,
    coalesce(newest.plan_id, record.plan_id) as plan_id,
    stated.value as outlet_id,
    coalesce(record.is_test, false) as is_test,
    coalesce(newest.status_type, record.status_type) as status_type,
    newest.first_activated_at,
    newest.activated_on,
    case when newest.status_type = 'terminated' then ended.terminated_at end as terminated_at,
    case when newest.status_type = 'terminated' then ended.termination_reason end as termination_reason,
    record.contract_end_on
from newest
full outer join record on newest.subscription_key = record.subscription_key
left join core.attribute_value as stated
    on
        coalesce(newest.subscription_key, record.subscription_key) = stated.subject_key
        and stated.attribute = 'outlet_id'
left join ended on newest.subscription_key = ended.subscription_key and ended.place = 1
left join core.xref_party as xref
    on
        coalesce(newest.customer_key, record.customer_key) = xref.customer_key
        and xref.valid_to = date '9999-12-31'
