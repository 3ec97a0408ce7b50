/*
description: Life-cycle events of subscriptions, each once at any moment of knowledge; what a status is derived from.
grain: [event_no, known_on]
columns:
  subscription_key: bigint - Subscription.
  event_no: bigint - Number of the event; orders events of one instant.
  event_at: timestamp - When it happened, UTC.
  event_day: date - Business day on which it happened.
  event_type: varchar - What happened.
  status_type: varchar - Status that the event brings; null when it leaves the status as it was, UNK when nobody knows.
  reason_type: varchar - Why, where the event has a reason.
  outlet_id: varchar - Outlet that did it.
  customer_key: bigint - Customer record after the event.
  account_key: bigint - Account after the event.
  msisdn_key: bigint - Phone number after the event.
  imsi_key: bigint - SIM identity after the event.
  iccid_key: bigint - SIM card after the event.
  plan_id: varchar - Tariff plan after the event.
  pay_type: varchar - prepaid or postpaid, after the event.
  known_on: date - Business day whose night first knew it.
  superseded_on: date - Business day whose night first knew that it is told otherwise; null while it counts.
checks:
  - superseded_on is null or superseded_on > known_on
watch:
  - status_type is null or status_type <> 'UNK'
*/
with

delivered as (
    select
        *,
        -- An event sent again is the same event: the first telling counts until its delivery is replaced.
        max(coalesce(superseded_on, date '9999-12-31')) over (
            partition by event_no
            order by known_on, delivery_id, row_no rows between unbounded preceding and 1 preceding
        ) as told_until
    from stg_provisioning.status_history
),

told as (
    select
        *,
        case when told_until > known_on then told_until else known_on end as told_from
    from delivered
)

select
    subscription_key,
    event_no,
    event_at,
    event_day,
    event_type,
    nullif(coalesce(code.std_code, 'UNK'), 'unchanged') as status_type,
    reason_type,
    outlet_id,
    customer_key,
    account_key,
    msisdn_key,
    imsi_key,
    iccid_key,
    plan_id,
    pay_type,
    told_from as known_on,
    superseded_on
from told
left join core.map_code as code
    on
        code.domain = 'status_type'
        and code.source = 'provisioning'
        and told.event_type = code.source_code
        and told.event_day >= code.valid_from
        and told.event_day < code.valid_to
where told_from < coalesce(superseded_on, date '9999-12-31')
