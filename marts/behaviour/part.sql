/*
description: Parts of the week and of the day by which behaviour is told apart, and what times lie in them; all, weekends and nights unless others are asked for.
grain: [part_no, is_weekend, is_night]
refresh: view
public: true
columns:
  part_no: integer - The part as a number from 1 to 9, by which large tables are grouped.
  week_part: varchar - all, weekday (Monday to Friday) or weekend (Saturday and Sunday).
  day_part: varchar - all, night (19:00 to 07:00 on the operator's clock) or day.
  is_weekend: boolean - Saturdays and Sundays lie in it, when true; the other days, when false.
  is_night: boolean - Nights lie in it, when true; days, when false.
*/
select
    week.week_no * 3 + part.day_no + 1 as part_no,
    week.week_part,
    part.day_part,
    week.is_weekend,
    part.is_night
from (
    values (0, 'all', false), (0, 'all', true), (1, 'weekday', false), (2, 'weekend', true)
) as week (week_no, week_part, is_weekend)
cross join (
    values (0, 'all', false), (0, 'all', true), (1, 'day', false), (2, 'night', true)
) as part (day_no, day_part, is_night)
cross join mart_behaviour.threshold as threshold
where
    threshold.has_other_parts
    or (week.week_part <> 'weekday' and part.day_part = 'all')
    or (week.week_part = 'all' and part.day_part = 'night')
