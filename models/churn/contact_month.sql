/*
description: Numbers that each line had contact with on several days of a month; the circle of the line.
grain: [month_start, subscription_key, other_msisdn_key]
refresh: month
partition: month_start
keep: 8 months
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
select
    cast(date_trunc('month', contact.day) as date) as month_start,
    contact.subscription_key,
    contact.other_msisdn_key,
    coalesce(bool_or(operator.std_code = 'competitor'), false) as is_competitor,
    max(case when operator.std_code = 'competitor' then contact.other_operator end) as other_operator,
    count(*) as contact_days,
    sum(contact.calls_made + contact.messages_sent) as made,
    sum(contact.calls_received + contact.messages_received) as received,
    sum(contact.seconds_made + contact.seconds_received) as seconds
from core.contact_day as contact
cross join churn.threshold as threshold
left join core.map_code as operator
    on
        operator.domain = 'operator_type'
        and operator.source = 'mediation'
        and contact.other_operator = operator.source_code
        and contact.day >= operator.valid_from
        and contact.day < operator.valid_to
where
    contact.subscription_key <> -1
    and contact.other_msisdn_key is not null
    and contact.calls_made + contact.calls_received + contact.messages_sent + contact.messages_received > 0
group by month_start, contact.subscription_key, contact.other_msisdn_key
having count(*) >= max(threshold.contact_days)
