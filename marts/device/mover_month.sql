/*
description: >-
  Lines whose owner may have moved to another line: those that left in the month, and those activated in the month before,
  whose first thirty days are then over.
grain: [month_start, side_type, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
scope: subscription_key
reads:
  mart_customer.subscriber_movement_month: 31 days
columns:
  month_start: date - First day of the month of leaving; of a new line, of the month after its activation.
  side_type: varchar - joiner (a new line) or leaver.
  subscription_key: bigint - Line.
  movement_month_start: date - First day of the month in which the base counts the line as gross add or churn.
  moved_on: date - Day of activation, or day that closed with the line out of the network.
  last_event_on: date - Last day of use known when the month closed; null without any.
  party_key: bigint - Party when the month closed; null when CRM had not told of it.
  account_key: bigint - Account that pays; null when provisioning did not say.
  line_type: varchar - handset, data_card or m2m.
  active_days: integer - Days of use of a new line in the month after its activation; null for a leaver.
  revenue_amt: decimal(18,2) - Bill of a new line for that month, 0 before it has arrived; null for a leaver.
checks:
  - side_type in ('joiner', 'leaver')
  - movement_month_start <= month_start
*/
with

moved as (
    select
        case movement_type
            when 'churn' then month_start
            else cast(month_start + interval 1 month as date)
        end as month_start,
        case movement_type when 'churn' then 'leaver' else 'joiner' end as side_type,
        month_start as movement_month_start,
        subscription_key
    from mart_customer.subscriber_movement_month
    where movement_type in ('churn', 'gross_add')
)

select
    moved.month_start,
    moved.side_type,
    moved.subscription_key,
    moved.movement_month_start,
    case moved.side_type when 'leaver' then line.status_known_on else line.first_activated_on end as moved_on,
    line.last_event_on,
    nullif(line.party_key, -1) as party_key,
    nullif(line.account_key, -1) as account_key,
    line.line_type,
    case when moved.side_type = 'joiner' then coalesce(used.active_days, 0) end as active_days,
    case when moved.side_type = 'joiner' then coalesce(money.revenue_amt, 0) end as revenue_amt
from moved
inner join core.subscriber_day as line
    on last_day(moved.month_start) = line.day and moved.subscription_key = line.subscription_key
left join mart_usage.subscriber_month as used
    on
        moved.month_start = used.month_start
        and moved.subscription_key = used.subscription_key
        and moved.side_type = 'joiner'
left join mart_revenue.subscriber_month as money
    on
        moved.month_start = money.month_start
        and moved.subscription_key = money.subscription_key
        and moved.side_type = 'joiner'
where last_day(moved.month_start) <= getvariable('as_of')
