/*
description: Parts of the week and of the day by which behaviour is told apart, and what times lie in them.
grain: [week_part, day_part, is_weekend, is_night]
refresh: view
public: true
columns:
  week_part: varchar - all, weekday (Monday to Friday) or weekend (Saturday and Sunday).
  day_part: varchar - all, night (19:00 to 07:00 on the operator's clock) or day.
  is_weekend: boolean - Saturdays and Sundays lie in it, when true; the other days, when false.
  is_night: boolean - Nights lie in it, when true; days, when false.
*/
select
    week.week_part,
    part.day_part,
    week.is_weekend,
    part.is_night
from (
    values ('all', false), ('all', true), ('weekday', false), ('weekend', true)
) as week (week_part, is_weekend)
cross join (
    values ('all', false), ('all', true), ('day', false), ('night', true)
) as part (day_part, is_night)
