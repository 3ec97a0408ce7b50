/*
description: Lists of lines to contact as they were frozen, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: frozen_on
columns:
  list_id: varchar - List; audience and version.
  audience: varchar - Audience that it was chosen by.
  version: integer - Version of the list, from 1.
  definition_hash: varchar - Hash of the declaration; the same one says the same.
  purpose_type: varchar - What people may be contacted for, as in pipelines/privacy/purposes.yaml.
  offer_id: varchar - Offer made; null without one.
  chosen_on: date - Business day whose tables it was chosen from.
  ends_on: date - Last day on which it counts as being worked on.
  lines: integer - Lines on it.
  controls: integer - Of these, left alone for comparison.
  frozen_by: varchar - Account of who froze it.
  frozen_at: timestamp - When, UTC.
  frozen_on: date - Business day.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    list_id,
    audience,
    version,
    definition_hash,
    purpose as purpose_type,
    offer_id,
    chosen_on,
    ends_on,
    lines,
    controls,
    frozen_by,
    frozen_at,
    event_day as frozen_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_desk.target_list
