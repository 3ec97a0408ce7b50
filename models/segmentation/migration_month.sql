/*
description: >-
  Where the lines of each segment went: from the month before to this one. Rows add up to the base of the month before,
  columns to that of this month, lines that are new or lost being a row and a column of their own.
grain: [month_start, from_segment_id, to_segment_id]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads: {segmentation.member_month: 31 days}
columns:
  month_start: date - First day of the later month; the first month with segments has only new lines.
  from_segment_id: integer - Segment in the month before; 0 for lines that had none (new).
  to_segment_id: integer - Segment in this month; 0 for lines that have none any more (lost).
  from_name: varchar - Name of the former; new without one.
  to_name: varchar - Name of the latter; lost without one.
  lines: integer - Lines.
  from_lines: integer - All lines that were in the former; of new, all that came.
  from_share: decimal(9,6) - lines / from_lines.
checks:
  - lines between 1 and from_lines
  - from_segment_id > 0 or to_segment_id > 0
*/
with

side as (
    select
        month_start, subscription_key, segment_id as to_id, segment_name as to_name,
        0 as from_id, cast(null as varchar) as from_name
    from segmentation.member_month
    union all
    select
        cast(month_start + interval 1 month as date) as month_start, subscription_key, 0 as to_id, null as to_name,
        segment_id as from_id, segment_name as from_name
    from segmentation.member_month
),

-- The month after the last one has no lines yet, and nobody is lost to it.
covered as (
    select distinct month_start
    from segmentation.member_month
),

line as (
    select
        side.month_start,
        side.subscription_key,
        max(side.from_id) as from_id,
        max(side.to_id) as to_id,
        coalesce(max(side.from_name), 'new') as from_name,
        coalesce(max(side.to_name), 'lost') as to_name
    from side
    inner join covered on side.month_start = covered.month_start
    group by side.month_start, side.subscription_key
),

moved as (
    select
        month_start,
        from_id,
        to_id,
        max(from_name) as from_name,
        max(to_name) as to_name,
        count(*) as lines
    from line
    group by month_start, from_id, to_id
)

select
    month_start,
    from_id as from_segment_id,
    to_id as to_segment_id,
    from_name,
    to_name,
    lines,
    sum(lines) over (partition by month_start, from_id) as from_lines,
    round(pf_div(lines, sum(lines) over (partition by month_start, from_id)), 6) as from_share
from moved
