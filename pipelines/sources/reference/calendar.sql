/*
description: Days, as listed by each delivery of the calendar.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  day: date - Day.
  is_holiday: boolean - Whether it is a public holiday.
  holiday_name: varchar - Name of the holiday; null on other days.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    day,
    is_holiday,
    holiday_name,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_reference.calendar
