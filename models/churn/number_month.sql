/*
description: Which line holds each number of this operator at T, or held it last; lines that left are known for ninety days.
grain: [month_start, msisdn_key]
refresh: month
partition: month_start
keep: 14 months
frozen: true
open_month: false
public: false
columns:
  month_start: date - First day of the month; T is its last.
  msisdn_key: bigint - Number.
  holder_key: bigint - Subscription; of several, the one in network, then the one that came last.
  lost_days: integer - Days since it left; null while it is in the network.
checks:
  - lost_days is null or lost_days >= 0
*/
with

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        msisdn_key,
        subscription_key,
        case when not is_in_network then date_diff('day', status_known_on, day) end as lost_days,
        row_number() over (
            partition by day, msisdn_key order by is_in_network desc, activated_on desc, subscription_key desc
        ) as place
    from core.subscriber_day
    where day = last_day(day) and msisdn_key is not null and (is_in_network or status_type = 'terminated')
)

select
    month_start,
    msisdn_key,
    subscription_key as holder_key,
    lost_days
from line
where place = 1
