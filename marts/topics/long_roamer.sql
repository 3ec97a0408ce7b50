/*
description: Lines that spend nearly all of their use elsewhere, talk and volume both, by month, and since how many months.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
scope: subscription_key
public: true
reads:
  mart_usage.subscriber_month: 62 days
  mart_topics.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription.
  plan_id: varchar - Plan when the month closed.
  area_id: varchar - Area of the customer, where the line is sold and billed.
  voice_seconds: bigint - Time talked.
  voice_roaming_seconds: bigint - Of this, elsewhere in the country or abroad.
  data_bytes: bigint - Bytes up and down.
  data_roaming_bytes: bigint - Of these, elsewhere in the country or abroad.
  months_in_a_row: integer - Months up to this one above the share, 1 to 3.
  is_long_term: boolean - Above the share for as many months as make a long-term roamer.
checks:
  - months_in_a_row between 1 and 3
*/
with

away as (
    select
        used.*,
        threshold.roaming_months
    from mart_usage.subscriber_month as used
    cross join mart_topics.threshold as threshold
    where
        used.subscription_key <> -1
        and used.voice_roaming_seconds > threshold.roaming_share * used.voice_seconds
        and used.data_roaming_bytes > threshold.roaming_share * used.data_bytes
),

counted as (
    select
        away.*,
        1
        + case when before_1.subscription_key is null then 0 else 1 end
        + case when before_1.subscription_key is null or before_2.subscription_key is null then 0 else 1 end
            as months_in_a_row
    from away
    left join away as before_1
        on
            away.subscription_key = before_1.subscription_key
            and before_1.month_start = cast(away.month_start - interval 1 month as date)
    left join away as before_2
        on
            away.subscription_key = before_2.subscription_key
            and before_2.month_start = cast(away.month_start - interval 2 month as date)
)

select
    month_start,
    subscription_key,
    plan_id,
    area_id,
    voice_seconds,
    voice_roaming_seconds,
    data_bytes,
    data_roaming_bytes,
    months_in_a_row,
    months_in_a_row >= roaming_months as is_long_term
from counted
