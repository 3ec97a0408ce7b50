/*
description: What customers did through each channel by month - sessions, orders and payments.
grain: [month_start, channel_type]
refresh: month
partition: month_start
keep: 60 months
public: true
reads: {core.dim_outlet: static}
optional: {stg_echannel.session: no sessions and no orders placed in them}
columns:
  month_start: date - First day of the month, in the operator's time zone.
  channel_type: varchar - app, web, wechat, terminal, a type of outlet, bank, or unknown; money collected without anyone's doing is left out.
  is_electronic: boolean - app, web, wechat, terminal or e_channel.
  sessions: integer - Sessions, robots not counted.
  login_sessions: integer - Of these, with a login.
  robot_sessions: integer - Sessions that the channel takes for robots' and that count nowhere else.
  customers: integer - Distinct numbers in sessions of the month; anonymous ones not counted, so of several channels never to be added.
  orders: integer - Orders placed in sessions, and orders and activations at outlets.
  payments: integer - Payments and top-ups; reversals and direct debits not counted.
  payments_amt: decimal(18,2) - Amount of payments and top-ups, less reversals; direct debits not counted.
  transactions: integer - Orders and payments.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - transactions = orders + payments
*/
with

act as (
    select
        started_on as day, channel_type, case when is_bot_suspect then 0 else 1 end as sessions,
        case when is_login and not is_bot_suspect then 1 else 0 end as logins,
        case when is_bot_suspect then 1 else 0 end as robots,
        case when not is_bot_suspect then msisdn_key end as msisdn_key,
        case when is_bot_suspect then 0 else orders end as orders, 0 as payments, cast(0 as decimal(18, 2)) as paid_amt
    from core.fct_session
    union all
    select
        task.day, coalesce(outlet.channel_type, 'unknown') as channel_type, 0 as sessions, 0 as logins, 0 as robots,
        null as msisdn_key, task.orders, 0 as payments, 0 as paid_amt
    from core.outlet_order_day as task
    left join core.dim_outlet as outlet
        on
            task.outlet_id = outlet.outlet_id
            and task.day >= outlet.valid_from
            and (outlet.valid_to is null or task.day < outlet.valid_to)
    where task.event_type not in ('pre_open', 'port_in', 'suspend_arrears')
    union all
    select
        paid_on, coalesce(channel_type, 'unknown') as channel_type, 0 as sessions, 0 as logins, 0 as robots,
        null as msisdn_key, 0 as orders, case when is_reversal then 0 else 1 end as payments, paid_amt
    from core.fct_payment
    where method_type is distinct from 'auto_debit'
    union all
    select
        recharged_on, coalesce(channel_type, 'unknown') as channel_type, 0 as sessions, 0 as logins, 0 as robots,
        null as msisdn_key, 0 as orders, case when is_reversal then 0 else 1 end as payments, recharged_amt
    from core.fct_recharge
)

select
    cast(date_trunc('month', day) as date) as month_start,
    channel_type,
    channel_type in ('app', 'web', 'wechat', 'terminal', 'e_channel') as is_electronic,
    sum(sessions) as sessions,
    sum(logins) as login_sessions,
    sum(robots) as robot_sessions,
    count(distinct msisdn_key) as customers,
    sum(orders) as orders,
    sum(payments) as payments,
    sum(paid_amt) as payments_amt,
    sum(orders) + sum(payments) as transactions,
    last_day(cast(date_trunc('month', day) as date)) <= getvariable('as_of') as is_closed
from act
group by cast(date_trunc('month', day) as date), channel_type
