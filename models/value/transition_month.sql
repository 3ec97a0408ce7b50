/*
description: >-
  From which to which stage of life, layer of the pyramid, star rating and VIP level lines went, from the month before to this
  one. In each scheme rows add up to the lines of the month before and columns to those of this month.
grain: [month_start, scheme_type, from_type, to_type]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads:
  value.stage_month: 31 days
  value.value_month: 31 days
  value.star_month: 31 days
columns:
  month_start: date - First day of the later month.
  scheme_type: varchar - stage, pyramid, star or vip.
  from_type: varchar - Where the line was in the month before; none when it was nowhere.
  to_type: varchar - Where it is now; none when it is nowhere.
  lines: integer - Lines.
  from_lines: integer - All lines that were there in the month before; of none, all that came.
  from_share: decimal(9,6) - lines / from_lines.
checks:
  - lines between 1 and from_lines
  - from_type <> 'none' or to_type <> 'none'
*/
with

place as (
    select month_start, 'stage' as scheme_type, subscription_key, stage_type as place_type
    from value.stage_month
    union all
    select month_start, 'pyramid' as scheme_type, subscription_key, pyramid_type as place_type
    from value.value_month
    union all
    select month_start, 'star' as scheme_type, subscription_key, cast(stars as varchar) as place_type
    from value.star_month
    union all
    select
        month_start, 'vip' as scheme_type, subscription_key,
        coalesce(cast(vip_level as varchar), 'unknown') as place_type
    from value.stage_month
    where stage_type not in ('lost', 'prospect')
),

covered as (
    select distinct month_start, scheme_type
    from place
),

side as (
    select month_start, scheme_type, subscription_key, cast(null as varchar) as from_type, place_type as to_type
    from place
    union all
    select
        cast(month_start + interval 1 month as date) as month_start, scheme_type, subscription_key,
        place_type as from_type, null as to_type
    from place
),

line as (
    select
        side.month_start,
        side.scheme_type,
        side.subscription_key,
        coalesce(max(side.from_type), 'none') as from_type,
        coalesce(max(side.to_type), 'none') as to_type
    from side
    inner join covered on side.month_start = covered.month_start and side.scheme_type = covered.scheme_type
    group by side.month_start, side.scheme_type, side.subscription_key
),

moved as (
    select
        month_start,
        scheme_type,
        from_type,
        to_type,
        count(*) as lines
    from line
    group by month_start, scheme_type, from_type, to_type
)

select
    month_start,
    scheme_type,
    from_type,
    to_type,
    lines,
    sum(lines) over (partition by month_start, scheme_type, from_type) as from_lines,
    round(pf_div(lines, sum(lines) over (partition by month_start, scheme_type, from_type)), 6) as from_share
from moved
