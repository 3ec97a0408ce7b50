/*
description: Lines on frozen lists; what `bassline export-list` takes them from, for a purpose and without those who said no since.
grain: [frozen_on, list_id, subscription_key]
refresh: day
partition: frozen_on
keep: 60 months
public: true
optional: {stg_desk.target_list_member: no list was ever frozen here}
columns:
  frozen_on: date - Business day on which the list was frozen.
  list_id: varchar - List; audience and version.
  subscription_key: bigint - Line on it.
  place: integer - Order of contact, 1 first.
  is_control: boolean - Left alone for comparison; never to be contacted for it.
checks:
  - place >= 1
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by frozen_on, list_id, subscription_key order by known_on, delivery_id, row_no
        ) as line_no
    from stg_desk.target_list_member
    where superseded_on is null
)

select
    frozen_on,
    list_id,
    subscription_key,
    place,
    is_control
from listed
where line_no = 1
