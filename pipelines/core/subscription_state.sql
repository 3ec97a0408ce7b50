/*
description: What a subscription of which a run heard something was at the close of each of its days, as known at each close; one row per stretch.
grain: [subscription_key, from_day]
refresh: view
frozen: true
columns:
  subscription_key: bigint - Subscription.
  from_day: date - First business day of the run that closed like this.
  to_day: date - First business day that closed otherwise; 9999-12-31 when none in the run.
  is_change: boolean - Whether the day before from_day closed otherwise.
  status_type: varchar - pre_open, active, suspended or terminated.
  status_reason: varchar - Reason of the event that brought the status.
  status_known_on: date - First business day that closed knowing that event; the day of the event for history told at the start.
  is_in_network: boolean - Active or suspended.
  was_in_network: boolean - Whether the stretch before was in the network.
  was_ever_in_network: boolean - Whether any activation was known before the stretch.
  first_activated_on: date - Business day of the first activation; null before.
  activated_on: date - Business day on which the current or last stay began; null before.
  customer_key: bigint - Customer record.
  account_key: bigint - Account.
  msisdn_key: bigint - Phone number.
  msisdn_key_before: bigint - Phone number of the stretch before.
  plan_id: varchar - Tariff plan.
  plan_id_before: varchar - Tariff plan of the stretch before.
  pay_type: varchar - prepaid or postpaid.
  pay_type_before: varchar - Pay type of the stretch before.
  brand: varchar - Brand sold under, as recorded.
  brand_before: varchar - Brand of the stretch before.
  line_type: varchar - handset, data_card or m2m, as recorded.
  outlet_id: varchar - Outlet that sold it, as recorded.
  is_test: boolean - Whether the operator uses it for tests, as recorded.
  contract_end_on: date - Last day of the contract, as recorded.
  has_port_in: boolean - Whether it was ported in with this stretch.
  has_port_out: boolean - Whether it was ported out with this stretch.
*/
with

-- The first delivery tells the past: it counts as known when it happened, or everybody would join on that day.
first_night as (
    select min(known_on) as day from core.fct_subscription_event
),

-- Nine hundred and ninety-nine lines in a thousand are what they were: the run looks at those it heard something of.
heard_of as (
    select subscription_key
    from core.fct_subscription_event
    where
        known_on between getvariable('from_day') and getvariable('to_day')
        or event_day between getvariable('from_day') and getvariable('to_day')
        or superseded_on between getvariable('from_day') and getvariable('to_day')
    union
    select subscription_key
    from stg_provisioning.subscription
    where
        known_on between getvariable('from_day') and getvariable('to_day')
        or updated_on between getvariable('from_day') and getvariable('to_day')
        or superseded_on between getvariable('from_day') and getvariable('to_day')
),

-- A day closes with what had happened and was known by then. The day before the run is needed to see what changed.
event as (
    select
        event.*,
        nullif(event.status_type, 'UNK') as brought,
        case when event.known_on = first_night.day then event_day else greatest(event_day, known_on) end as shown_from,
        coalesce(superseded_on, date '9999-12-31') as shown_to,
        row_number() over (partition by event.subscription_key order by event_at, event_no, known_on) as place
    from core.fct_subscription_event as event
    inner join heard_of on event.subscription_key = heard_of.subscription_key
    cross join first_night
    where known_on <= getvariable('to_day') and event_day <= getvariable('to_day')
),

record as (
    select
        record.*,
        case
            when record.known_on = first_night.day then updated_on else greatest(updated_on, known_on)
        end as shown_from,
        coalesce(superseded_on, date '9999-12-31') as shown_to,
        row_number() over (
            partition by record.subscription_key order by updated_at, known_on, delivery_id, row_no
        ) as place
    from stg_provisioning.subscription as record
    inner join heard_of on record.subscription_key = heard_of.subscription_key
    cross join first_night
    where known_on <= getvariable('to_day') and updated_on <= getvariable('to_day')
),

turn as (
    select subscription_key, greatest(shown_from, getvariable('from_day') - 1) as day from event
    union
    select subscription_key, greatest(shown_from, getvariable('from_day') - 1) as day from record
    union
    select subscription_key, shown_to
    from event
    where shown_to between getvariable('from_day') and getvariable('to_day')
    union
    select subscription_key, shown_to
    from record
    where shown_to between getvariable('from_day') and getvariable('to_day')
),

lived as (
    select
        turn.subscription_key,
        turn.day,
        coalesce(max_by(event.brought, case when event.brought is not null then event.place end), 'active')
            as status_type,
        nullif(
            max_by(
                coalesce(event.reason_type, case when event.event_type = 'port_out' then 'port_out' else '' end),
                case when event.brought is not null then event.place end
            ), ''
        ) as status_reason,
        max_by(event.shown_from, case when event.brought is not null then event.place end) as status_known_on,
        min(case when event.brought = 'active' then event.event_day end) as first_activated_on,
        max(case when event.event_type in ('activate', 'reactivate') then event.event_day end) as last_activated_on,
        coalesce(bool_or(event.brought = 'active'), false) as has_been_in_network,
        sum(case when event.event_type = 'port_in' then 1 else 0 end) as ports_in,
        sum(case when event.event_type = 'port_out' then 1 else 0 end) as ports_out,
        max_by(event.customer_key, case when event.customer_key is not null then event.place end) as customer_key,
        max_by(event.account_key, case when event.account_key is not null then event.place end) as account_key,
        max_by(event.msisdn_key, case when event.msisdn_key is not null then event.place end) as msisdn_key,
        max_by(event.plan_id, case when event.plan_id is not null then event.place end) as plan_id,
        max_by(event.pay_type, case when event.pay_type is not null then event.place end) as pay_type
    from turn
    inner join event
        on
            turn.subscription_key = event.subscription_key
            and turn.day >= event.shown_from
            and turn.day < event.shown_to
    group by turn.subscription_key, turn.day
),

recorded as (
    select
        turn.subscription_key,
        turn.day,
        max(record.place) as place
    from turn
    inner join record
        on
            turn.subscription_key = record.subscription_key
            and turn.day >= record.shown_from
            and turn.day < record.shown_to
    group by turn.subscription_key, turn.day
),

closing as (
    select
        lived.*,
        lived.status_type in ('active', 'suspended') as is_in_network,
        record.brand,
        record.line_type,
        record.outlet_id,
        record.is_test,
        record.contract_end_on
    from lived
    left join recorded on lived.subscription_key = recorded.subscription_key and lived.day = recorded.day
    left join record on recorded.subscription_key = record.subscription_key and recorded.place = record.place
),

stretch as (
    select
        *,
        lead(day, 1, date '9999-12-31') over in_order as to_day,
        coalesce(lag(is_in_network) over in_order, false) as was_in_network,
        coalesce(lag(has_been_in_network) over in_order, false) as was_ever_in_network,
        ports_in > coalesce(lag(ports_in) over in_order, 0) as has_port_in,
        ports_out > coalesce(lag(ports_out) over in_order, 0) as has_port_out,
        lag(msisdn_key) over in_order as msisdn_key_before,
        lag(plan_id) over in_order as plan_id_before,
        lag(pay_type) over in_order as pay_type_before,
        lag(brand) over in_order as brand_before
    from closing
    window in_order as (partition by subscription_key order by day)
)

select
    subscription_key,
    greatest(day, getvariable('from_day')) as from_day,
    to_day,
    day >= getvariable('from_day') as is_change,
    status_type,
    status_reason,
    status_known_on,
    is_in_network,
    was_in_network,
    was_ever_in_network,
    first_activated_on,
    coalesce(last_activated_on, first_activated_on) as activated_on,
    customer_key,
    account_key,
    msisdn_key,
    msisdn_key_before,
    plan_id,
    plan_id_before,
    pay_type,
    pay_type_before,
    brand,
    brand_before,
    line_type,
    outlet_id,
    is_test,
    contract_end_on,
    has_port_in,
    has_port_out
from stretch
where to_day > getvariable('from_day')
