/*
description: Frozen lists, with how many lines they hold and how many are left alone.
grain: [list_id]
public: true
columns:
  list_id: varchar - List; audience and version.
  audience: varchar - Audience that it was chosen by.
  version: integer - Version of the list, from 1.
  definition_hash: varchar - Hash of the declaration; the same one says the same.
  purpose_type: varchar - What people may be contacted for, as in pipelines/privacy/purposes.yaml.
  offer_id: varchar - Offer made; 'unknown' without one.
  chosen_on: date - Business day whose tables it was chosen from.
  frozen_on: date - Business day on which it was frozen.
  ends_on: date - Last day on which it counts as being worked on.
  lines: bigint - Lines on it that arrived.
  controls: bigint - Of these, left alone for comparison.
  is_over: boolean - The last day is past.
  is_complete: boolean - As many lines and controls arrived as were frozen.
watch:
  - is_complete
*/
with

member as (
    select
        list_id,
        count(*) as lines,
        sum(case when is_control then 1 else 0 end) as controls
    from core.target_list_member
    group by list_id
)

select
    list.list_id,
    list.audience,
    list.version,
    list.definition_hash,
    list.purpose_type,
    list.offer_id,
    list.chosen_on,
    list.frozen_on,
    list.ends_on,
    coalesce(member.lines, 0) as lines,
    coalesce(member.controls, 0) as controls,
    list.ends_on <= getvariable('as_of') as is_over,
    coalesce(member.lines, 0) = list.lines and coalesce(member.controls, 0) = list.controls as is_complete
from core.target_list as list
left join member on list.list_id = member.list_id
