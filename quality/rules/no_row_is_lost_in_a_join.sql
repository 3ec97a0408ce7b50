-- A fact without a partner belongs to the unknown member (-1, null), so that totals stay; a join that drops it changes them.
-- Usual cause: an inner join to a dimension that lacks the key. Join it from the left and name the unknown. severity: watch
with

step as (
    select
        'payments into core.fct_payment' as step,
        (
            select count(*) from (
                select distinct paid_on, payment_no from stg_payments.payment
                where superseded_on is null and paid_on between getvariable('from_day') and getvariable('to_day')
            ) as told
        ) as given,
        (
            select count(*) from core.fct_payment
            where paid_on between getvariable('from_day') and getvariable('to_day')
        ) as kept
    union all
    select
        'recharges into core.fct_recharge' as step,
        (
            select count(*) from (
                select distinct recharged_on, recharge_no from stg_payments.recharge
                where superseded_on is null and recharged_on between getvariable('from_day') and getvariable('to_day')
            ) as told
        ) as given,
        (
            select count(*) from core.fct_recharge
            where recharged_on between getvariable('from_day') and getvariable('to_day')
        ) as kept
    union all
    select
        'corrections into core.fct_adjustment' as step,
        (
            select count(*) from (
                select distinct posted_on, adjustment_no from stg_billing.adjustment
                where superseded_on is null and posted_on between getvariable('from_day') and getvariable('to_day')
            ) as told
        ) as given,
        (
            select count(*) from core.fct_adjustment
            where posted_on between getvariable('from_day') and getvariable('to_day')
        ) as kept
    union all
    select
        'events into mart_usage.subscriber_day' as step,
        (
            select coalesce(sum(events), 0) from core.usage_day_version
            where is_current and day between getvariable('from_day') and getvariable('to_day')
        ) as given,
        (
            select coalesce(sum(voice_events + sms_events + data_events), 0) from mart_usage.subscriber_day
            where day between getvariable('from_day') and getvariable('to_day')
        ) as kept
    union all
    select
        'lines with life-cycle events into core.dim_subscription' as step,
        (
            select count(distinct subscription_key) from core.fct_subscription_event
            where superseded_on is null
        ) as given,
        (
            select count(*) from core.dim_subscription
            where subscription_key in (
                select subscription_key from core.fct_subscription_event
                where superseded_on is null
            )
        ) as kept
    union all
    select
        'customer records into core.xref_party' as step,
        (
            select count(*) from core.dim_customer
            where is_current and seen_from is not null
        ) as given,
        (
            select count(distinct xref.customer_key) from core.xref_party as xref
            inner join core.dim_customer as customer on xref.customer_key = customer.customer_key
            where
                xref.valid_to = date '9999-12-31' and customer.is_current and customer.seen_from is not null
        ) as kept
)

select
    step,
    given,
    kept,
    given - kept as lost
from step
where given <> kept
order by step
