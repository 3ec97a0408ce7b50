/*
description: SIM cards handed to outlets, each hand-over once.
grain: [issued_on, issue_no]
refresh: day
partition: issued_on
columns:
  issue_no: bigint - Hand-over.
  outlet_id: varchar - Outlet that got the card.
  iccid_key: bigint - SIM card.
  issued_at: timestamp - When, UTC.
  issued_on: date - Business day.
*/
with

listed as (
    select
        *,
        row_number() over (partition by issued_on, issue_no order by known_on, delivery_id, row_no) as place
    from stg_channel.stock_issue
    where superseded_on is null
)

select
    issue_no,
    outlet_id,
    iccid_key,
    issued_at,
    issued_on
from listed
where place = 1
