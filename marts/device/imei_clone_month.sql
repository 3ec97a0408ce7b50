/*
description: >-
  Lines that showed another line's handset for a moment while they have a handset of their own - the number of a handset
  copied into others, or a card lent. A line that used it for longer in the month before, or nothing else, gave a handset up
  that it shared.
grain: [month_start, imei_body_key, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
reads:
  mart_device.device_month: 31 days
  mart_device.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  imei_body_key: bigint - Handset shown, by the IMEI without its check digit.
  subscription_key: bigint - Line that showed it in passing.
  holder_subscription_key: bigint - Line that used the handset most in the month.
  own_imei_body_key: bigint - Handset that the line used most in the month.
  tac: varchar - First eight digits of the IMEI shown.
  days: integer - Days on which the line showed it.
  events: bigint - Events with it.
  first_used_on: date - First of these days.
  last_used_on: date - Last of these days.
  passing_lines: integer - Lines that showed this handset in passing in the month; many are a copied number, one may be a card lent.
checks:
  - subscription_key <> holder_subscription_key
  - imei_body_key <> own_imei_body_key
  - passing_lines >= 1
*/
with

placed as (
    select
        month_start,
        imei_body_key,
        subscription_key,
        tac,
        days,
        events,
        first_used_on,
        last_used_on,
        first_value(subscription_key) over of_handset as holder_subscription_key,
        first_value(imei_body_key) over of_line as own_imei_body_key,
        count(*) over (partition by month_start, subscription_key) as handsets
    from mart_device.device_month
    window
        of_handset as (
            partition by month_start, imei_body_key order by events desc, msisdn_key desc, subscription_key desc
        ),
        of_line as (partition by month_start, subscription_key order by events desc, imei_body_key desc)
),

-- A step of its own: with the limits in the join, DuckDB 1.5.6 compares every row with every other.
shared as (
    select
        cast(placed.month_start + interval 1 month as date) as next_month_start,
        placed.subscription_key,
        placed.imei_body_key
    from placed
    cross join mart_device.threshold as threshold
    where threshold.clone_days < placed.days or threshold.clone_events < placed.events or placed.handsets = 1
)

select
    placed.month_start,
    placed.imei_body_key,
    placed.subscription_key,
    placed.holder_subscription_key,
    placed.own_imei_body_key,
    placed.tac,
    placed.days,
    placed.events,
    placed.first_used_on,
    placed.last_used_on,
    count(*) over (partition by placed.month_start, placed.imei_body_key) as passing_lines
from placed
cross join mart_device.threshold as threshold
left join shared as before
    on
        placed.subscription_key = before.subscription_key
        and placed.imei_body_key = before.imei_body_key
        and placed.month_start = before.next_month_start
where
    before.subscription_key is null
    and placed.subscription_key <> placed.holder_subscription_key
    and placed.imei_body_key <> placed.own_imei_body_key
    and placed.days <= threshold.clone_days
    and placed.events <= threshold.clone_events
