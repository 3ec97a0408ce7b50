/*
description: Lists of lines to contact as they were frozen, each once.
grain: [list_id]
optional: {stg_desk.target_list: no list was ever frozen here}
columns:
  list_id: varchar - List; audience and version.
  audience: varchar - Audience that it was chosen by.
  version: integer - Version of the list, from 1.
  definition_hash: varchar - Hash of the declaration; the same one says the same.
  purpose_type: varchar - What people may be contacted for, as in pipelines/privacy/purposes.yaml.
  offer_id: varchar - Offer made; 'unknown' without one.
  chosen_on: date - Business day whose tables it was chosen from.
  ends_on: date - Last day on which it counts as being worked on.
  lines: integer - Lines on it, as it was frozen.
  controls: integer - Of these, left alone for comparison.
  frozen_by: varchar - Account of who froze it.
  frozen_at: timestamp - When, UTC.
  frozen_on: date - Business day.
checks:
  - controls <= lines
*/
with

listed as (
    select
        *,
        row_number() over (partition by list_id order by frozen_at, known_on, delivery_id, row_no) as place
    from stg_desk.target_list
    where superseded_on is null
)

select
    list_id,
    audience,
    version,
    definition_hash,
    purpose_type,
    coalesce(offer_id, 'unknown') as offer_id,
    chosen_on,
    ends_on,
    lines,
    controls,
    frozen_by,
    frozen_at,
    frozen_on
from listed
where place = 1
