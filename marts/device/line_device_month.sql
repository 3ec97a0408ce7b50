/*
description: >-
  Which handset is whose, from the use of a month and the two before: one line a handset and one handset a line; every
  other pair stays on the list as secondary.
grain: [month_start, subscription_key, imei_body_key]
refresh: month
partition: month_start
open_month: false
keep: 26 months
scope: subscription_key
public: true
columns:
  month_start: date - First day of the last of the three months.
  subscription_key: bigint - Line.
  imei_body_key: bigint - Handset, by the IMEI without its check digit.
  tac: varchar - First eight digits of the IMEI.
  role_type: varchar - primary, at most one per line and per handset; or secondary.
  device_place: integer - Place of the handset among those of the line, 1 first; handsets won come before others, then by events.
  line_place: integer - Place of the line among those of the handset by events, 1 the most.
  lines: integer - Lines seen with the handset.
  cards: integer - Of these, lines that used it on enough days to be a card in one of its slots.
  days: integer - Days of the three months on which the line used the handset.
  events: bigint - Events of the three months.
  first_used_on: date - First of these days.
  last_used_on: date - Last of these days.
checks:
  - (role_type = 'primary') = (line_place = 1 and device_place = 1)
  - line_place between 1 and lines
*/
with

placed as (
    select
        *,
        row_number() over (
            partition by month_start, subscription_key
            order by case when line_place = 1 then 0 else 1 end, events desc, imei_body_key desc
        ) as device_place
    from mart_device.imei_month
)

select
    month_start,
    subscription_key,
    imei_body_key,
    tac,
    case when line_place = 1 and device_place = 1 then 'primary' else 'secondary' end as role_type,
    device_place,
    line_place,
    lines,
    cards,
    days,
    events,
    first_used_on,
    last_used_on
from placed
