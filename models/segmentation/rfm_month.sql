/*
description: >-
  Recency, frequency and money of each commercial line in network, each from 1 (worst fifth) to 5 (best fifth) of the lines
  of its pay type; equal lines get equal scores.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line.
  pay_type: varchar - prepaid or postpaid, within which it is compared.
  days_silent: integer - Days since the last use at the end of the month; null for a line never used, which scores 1.
  active_days: decimal(9,2) - Days with use per month, of three months.
  spend_amt: decimal(18,2) - Spend per month, of the three months before the last.
  recency_score: integer - 1 to 5; 5 was in use most recently.
  frequency_score: integer - 1 to 5; 5 is in use on most days.
  money_score: integer - 1 to 5; 5 spends most.
  rfm_code: varchar - The three digits, such as 545.
checks:
  - recency_score between 1 and 5 and frequency_score between 1 and 5 and money_score between 1 and 5
*/
with

ranked as (
    select
        month_start,
        subscription_key,
        pay_type,
        days_silent,
        active_days,
        spend_amt,
        cume_dist() over (partition by month_start, pay_type order by -coalesce(days_silent, 99999)) as recency,
        cume_dist() over (partition by month_start, pay_type order by active_days) as frequency,
        cume_dist() over (partition by month_start, pay_type order by spend_amt) as money
    from segmentation.feature_month
),

scored as (
    select
        *,
        case
            when days_silent is null then 1
            else greatest(1, least(5, cast(ceil(round(recency * 5, 6)) as integer)))
        end as recency_score,
        greatest(1, least(5, cast(ceil(round(frequency * 5, 6)) as integer))) as frequency_score,
        greatest(1, least(5, cast(ceil(round(money * 5, 6)) as integer))) as money_score
    from ranked
)

select
    month_start,
    subscription_key,
    pay_type,
    days_silent,
    active_days,
    spend_amt,
    recency_score,
    frequency_score,
    money_score,
    cast(recency_score * 100 + frequency_score * 10 + money_score as varchar) as rfm_code
from scored
