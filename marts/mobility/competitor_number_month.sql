/*
description: Every number of another mobile operator that own lines had contact with, by month.
grain: [month_start, other_msisdn_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
columns:
  month_start: date - First day of the month.
  other_msisdn_key: bigint - Number of the other operator.
  other_operator: varchar - That operator; the last by name of several.
  own_lines: integer - Own numbers that had contact with it.
  contacts: bigint - Calls and messages, made and received.
  seconds: bigint - Duration of the calls.
  billed_lines: integer - Of the own numbers, those of lines with a bill for the month.
  billed_lines_amt: decimal(18,2) - Billed to these lines for the month after discount.
  first_on: date - First day of contact in the month.
  last_on: date - Last day of contact in the month.
checks:
  - own_lines between 1 and contacts
  - billed_lines between 0 and own_lines
*/
with

contact as (
    select
        contact.month_start,
        contact.other_msisdn_key,
        contact.msisdn_key,
        contact.other_operator,
        contact.contacts,
        contact.seconds,
        contact.first_on,
        contact.last_on,
        case when money.bill_items > 0 then contact.msisdn_key end as billed_key,
        case when money.bill_items > 0 then money.revenue_amt else 0 end as revenue_amt
    from mart_mobility.competitor_contact_month as contact
    left join mart_revenue.subscriber_month as money
        on contact.month_start = money.month_start and contact.subscription_key = money.subscription_key
)

select
    month_start,
    other_msisdn_key,
    max(other_operator) as other_operator,
    count(distinct msisdn_key) as own_lines,
    sum(contacts) as contacts,
    sum(seconds) as seconds,
    count(distinct billed_key) as billed_lines,
    sum(revenue_amt) as billed_lines_amt,
    min(first_on) as first_on,
    max(last_on) as last_on
from contact
group by month_start, other_msisdn_key
