/*
description: >-
  What segments are told apart by, of each commercial line in network at the end of the month. Use is the mean of the last
  three months; money that of the three months before the last, whose bills have arrived when the month closes.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads:
  mart_usage.subscriber_month: 93 days
  mart_revenue.subscriber_month: 123 days
  mart_behaviour.contact_month: 93 days
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line.
  pay_type: varchar - prepaid or postpaid when the month closed.
  line_type: varchar - handset, data_card or m2m.
  tenure_months: integer - Calendar months since the first activation; null before.
  is_contract_bound: boolean - Has a contract that ends after the month.
  days_silent: integer - Days without any use up to the end of the month; null for a line never used.
  active_days: decimal(9,2) - Days with use per month, mean of three months.
  voice_minutes: decimal(18,2) - Minutes talked per month, made and received.
  on_net_share: decimal(9,6) - Part of the minutes talked with own subscribers; null without calls.
  sms_sent: decimal(18,2) - Messages sent per month.
  data_gb: decimal(18,6) - Gigabytes per month.
  roaming_minutes: decimal(18,2) - Minutes talked while roaming, per month.
  contacts: decimal(18,2) - Different parties called or written to or heard from, per month.
  spend_amt: decimal(18,2) - Billed after discount plus recharges, per month; lines younger than that have 0.
  recharge_amt: decimal(18,2) - Of this, recharges less reversals.
checks:
  - active_days between 0 and 31
  - on_net_share is null or on_net_share between 0 and 1
*/
with

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        pay_type,
        line_type,
        tenure_months,
        is_contract_bound,
        date_diff('day', last_event_on, day) as days_silent
    from core.subscriber_day
    where day = last_day(day) and is_in_network and is_commercial
),

later as (
    select 0 as months
    union all
    select 1 as months
    union all
    select 2 as months
),

used as (
    select
        cast(usage.month_start + later.months * interval 1 month as date) as month_start,
        usage.subscription_key,
        sum(usage.active_days) as active_days,
        sum(usage.voice_seconds) as voice_seconds,
        sum(usage.voice_on_net_seconds) as on_net_seconds,
        sum(usage.sms_sent) as sms_sent,
        sum(usage.data_gb) as data_gb,
        sum(usage.voice_roaming_seconds) as roaming_seconds
    from mart_usage.subscriber_month as usage
    cross join later
    group by cast(usage.month_start + later.months * interval 1 month as date), usage.subscription_key
),

talked as (
    select
        cast(contact.month_start + later.months * interval 1 month as date) as month_start,
        contact.subscription_key,
        sum(contact.contacts) as contacts
    from mart_behaviour.contact_month as contact
    cross join later
    where contact.week_part = 'all' and contact.day_part = 'all'
    group by cast(contact.month_start + later.months * interval 1 month as date), contact.subscription_key
),

paid as (
    select
        cast(money.month_start + (later.months + 1) * interval 1 month as date) as month_start,
        money.subscription_key,
        sum(money.revenue_amt + money.recharge_amt) as spend_amt,
        sum(money.recharge_amt) as recharge_amt
    from mart_revenue.subscriber_month as money
    cross join later
    group by cast(money.month_start + (later.months + 1) * interval 1 month as date), money.subscription_key
)

select
    line.month_start,
    line.subscription_key,
    line.pay_type,
    line.line_type,
    line.tenure_months,
    line.is_contract_bound,
    line.days_silent,
    round(coalesce(used.active_days, 0) / 3.0, 2) as active_days,
    round(coalesce(used.voice_seconds, 0) / 180.0, 2) as voice_minutes,
    round(pf_div(used.on_net_seconds, used.voice_seconds), 6) as on_net_share,
    round(coalesce(used.sms_sent, 0) / 3.0, 2) as sms_sent,
    round(coalesce(used.data_gb, 0) / 3, 6) as data_gb,
    round(coalesce(used.roaming_seconds, 0) / 180.0, 2) as roaming_minutes,
    round(coalesce(talked.contacts, 0) / 3.0, 2) as contacts,
    round(coalesce(paid.spend_amt, 0) / 3, 2) as spend_amt,
    round(coalesce(paid.recharge_amt, 0) / 3, 2) as recharge_amt
from line
left join used on line.month_start = used.month_start and line.subscription_key = used.subscription_key
left join talked on line.month_start = talked.month_start and line.subscription_key = talked.subscription_key
left join paid on line.month_start = paid.month_start and line.subscription_key = paid.subscription_key
