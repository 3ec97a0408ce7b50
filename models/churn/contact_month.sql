/*
description: Numbers that each line had contact with on several days of a month; the circle of the line.
grain: [month_start, subscription_key, other_msisdn_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: false
reads: {core.map_code: static, churn.threshold: static}
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  other_msisdn_key: bigint - The other number.
  is_competitor: boolean - It belongs to another mobile operator, as mediation said.
  other_operator: varchar - That operator, the last in order where several were named; null for any other number.
  contact_days: integer - Days with contact; a day on which the line had two numbers may count twice.
  made: integer - Calls made and messages sent.
  received: integer - Calls and messages received.
  seconds: bigint - Seconds talked.
checks:
  - made + received > 0
*/
with

competitor as (
    select source_code, valid_from, valid_to
    from core.map_code
    where domain = 'operator_type' and source = 'mediation' and std_code = 'competitor'
),

-- The limit is applied afterwards: whatever a step over all days of contact carries along is what the month costs.
summed as (
    select
        cast(date_trunc('month', contact.day) as date) as month_start,
        contact.subscription_key,
        contact.other_msisdn_key,
        max(competitor.source_code) as other_operator,
        count(*) as contact_days,
        sum(contact.calls_made + contact.messages_sent) as made,
        sum(contact.calls_received + contact.messages_received) as received,
        sum(contact.seconds_made + contact.seconds_received) as seconds
    from core.contact_day as contact
    left join competitor
        on
            contact.other_operator = competitor.source_code
            and contact.day >= competitor.valid_from
            and contact.day < competitor.valid_to
    where
        contact.subscription_key <> -1
        and contact.other_msisdn_key is not null
        and contact.calls_made + contact.calls_received + contact.messages_sent + contact.messages_received > 0
    group by cast(date_trunc('month', contact.day) as date), contact.subscription_key, contact.other_msisdn_key
)

select
    summed.month_start,
    summed.subscription_key,
    summed.other_msisdn_key,
    summed.other_operator is not null as is_competitor,
    summed.other_operator,
    summed.contact_days,
    summed.made,
    summed.received,
    summed.seconds
from summed
cross join churn.threshold as threshold
where summed.contact_days >= threshold.contact_days
