/*
description: >-
  Lines that each handset was seen with in a month and the two before, the line that used it most first; the first half of
  the two-way assignment.
grain: [month_start, imei_body_key, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
scope: imei_body_key
public: true
reads:
  mart_device.device_month: 62 days
  mart_device.threshold: static
columns:
  month_start: date - First day of the last of the three months.
  imei_body_key: bigint - Handset, by the IMEI without its check digit.
  subscription_key: bigint - Line.
  tac: varchar - First eight digits of the IMEI.
  msisdn_key: bigint - Number with which the line used it; the highest key of several.
  days: integer - Days of the three months on which the line used the handset.
  events: bigint - Events of the three months.
  first_used_on: date - First of these days.
  last_used_on: date - Last of these days.
  lines: integer - Lines seen with the handset in the three months.
  cards: integer - Of these, lines that used it on enough days to be a card in one of its slots.
  line_place: integer - Place of the line among these by events, 1 the most; a tie goes to the higher number, then the higher line.
checks:
  - line_place between 1 and lines
  - cards between 0 and lines
  - first_used_on <= last_used_on
*/
with

summed as (
    select
        cast(used.month_start + shift.months * interval 1 month as date) as month_start,
        used.imei_body_key,
        used.subscription_key,
        max(used.tac) as tac,
        max(used.msisdn_key) as msisdn_key,
        sum(used.days) as days,
        sum(used.events) as events,
        min(used.first_used_on) as first_used_on,
        max(used.last_used_on) as last_used_on
    from mart_device.device_month as used
    cross join (values (0), (1), (2)) as shift (months)
    group by
        cast(used.month_start + shift.months * interval 1 month as date), used.imei_body_key, used.subscription_key
)

select
    summed.month_start,
    summed.imei_body_key,
    summed.subscription_key,
    summed.tac,
    summed.msisdn_key,
    summed.days,
    summed.events,
    summed.first_used_on,
    summed.last_used_on,
    count(*) over of_handset as lines,
    count(*) filter (where summed.days >= threshold.second_card_days) over of_handset as cards,
    row_number() over (
        partition by summed.month_start, summed.imei_body_key
        order by summed.events desc, summed.msisdn_key desc, summed.subscription_key desc
    ) as line_place
from summed
cross join mart_device.threshold as threshold
where last_day(summed.month_start) <= getvariable('as_of')
window of_handset as (partition by summed.month_start, summed.imei_body_key)
