/*
description: Commercial lines in network when a month began and how many of them were out of it when it ended, by tenure.
grain: [month_start, pay_type, tenure_months]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads: {core.subscriber_day: 1 days}
columns:
  month_start: date - First day of the month; the first of history has none.
  pay_type: varchar - prepaid or postpaid when it began.
  tenure_months: integer - Calendar months since the first activation when it began, 60 for 60 and more; 0 when not told.
  at_risk: bigint - Lines in network when it began.
  lost: bigint - Of these, out of the network when it ended.
checks:
  - lost between 0 and at_risk
  - tenure_months between 0 and 60
*/
with

opening as (
    select
        cast(day + interval 1 day as date) as month_start,
        subscription_key,
        coalesce(pay_type, 'unknown') as pay_type,
        least(greatest(coalesce(tenure_months, 0), 0), 60) as tenure_months
    from core.subscriber_day
    where day = last_day(day) and is_in_network and is_commercial
),

closing as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        is_in_network
    from core.subscriber_day
    where day = last_day(day)
),

closed as (
    select distinct month_start
    from closing
)

select
    opening.month_start,
    opening.pay_type,
    opening.tenure_months,
    count(*) as at_risk,
    sum(case when coalesce(closing.is_in_network, false) then 0 else 1 end) as lost
from opening
inner join closed on opening.month_start = closed.month_start
left join closing
    on opening.month_start = closing.month_start and opening.subscription_key = closing.subscription_key
group by opening.month_start, opening.pay_type, opening.tenure_months
