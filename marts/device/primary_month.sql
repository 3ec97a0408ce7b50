/*
description: >-
  The one handset of each line by month - its primary one, or else the first of the others - with how long it has been
  used and whether the primary one changed.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 14 months
scope: subscription_key
reads: {mart_device.line_device_month: 366 days}
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line.
  imei_body_key: bigint - Handset, by the IMEI without its check digit.
  tac: varchar - First eight digits of the IMEI.
  role_type: varchar - primary or secondary.
  line_place: integer - Place of the line among those of the handset by events, 1 the most.
  cards: integer - Lines that used the handset on enough days to be a card in one of its slots.
  days: integer - Days of three months on which the line used it.
  device_age_months: integer - Months since the line was first seen with it, of the last twelve.
  is_device_known_before: boolean - The line had a primary handset the month before too.
  is_replaced: boolean - Had another primary handset the month before.
  replacements_12_months: integer - Changes of the primary handset in this month and the eleven before.
checks:
  - device_age_months between 0 and 11
  - is_device_known_before or not is_replaced
  - replacements_12_months between 0 and 12
*/
with

pair as (
    select
        *,
        min(month_start) over (
            partition by subscription_key, imei_body_key order by month_start
            range between interval 11 month preceding and current row
        ) as since_month
    from mart_device.line_device_month
),

used as (
    select
        *,
        lag(month_start) over in_order as month_before,
        lag(case when role_type = 'primary' then imei_body_key end) over in_order as imei_body_key_before
    from pair
    where device_place = 1
    window in_order as (partition by subscription_key order by month_start)
),

compared as (
    select
        *,
        coalesce(
            role_type = 'primary' and imei_body_key_before is not null
            and month_before = month_start - interval 1 month,
            false
        ) as is_device_known_before
    from used
),

turned as (
    select
        *,
        is_device_known_before and imei_body_key <> imei_body_key_before as is_replaced
    from compared
)

select
    month_start,
    subscription_key,
    imei_body_key,
    tac,
    role_type,
    line_place,
    cards,
    days,
    pf_month_diff(since_month, month_start) as device_age_months,
    is_device_known_before,
    is_replaced,
    sum(case when is_replaced then 1 else 0 end) over (
        partition by subscription_key order by month_start range between interval 11 month preceding and current row
    ) as replacements_12_months
from turned
