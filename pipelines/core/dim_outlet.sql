/*
description: Outlets and how they changed, one row per outlet and state.
grain: [outlet_id, valid_from]
columns:
  outlet_id: varchar - Outlet.
  outlet_name: varchar - Name.
  channel_type: varchar - own_shop, entrusted, agent, designated, e_channel, direct, bank or air_recharge.
  parent_outlet_id: varchar - Outlet it reports to; null at the top.
  area_id: varchar - Area it sells in.
  opened_on: date - Opening day; null when unknown.
  closed_on: date - Last day; null while open.
  valid_from: date - First day of this state; the first state counts from the beginning of time.
  valid_to: date - First day of the next state; null for the current one.
  is_current: boolean - Whether this is the current state.
  row_hash: varchar - Fingerprint of the state.
checks:
  - valid_to is null or valid_to > valid_from
  - is_current = (valid_to is null)
*/
with

listed as (
    select
        outlet_id,
        snapshot_on,
        outlet_name,
        channel_type,
        parent_outlet_id,
        area_id,
        opened_on,
        closed_on,
        md5(concat_ws(
            '|', coalesce(outlet_name, ''), channel_type, coalesce(parent_outlet_id, ''), coalesce(area_id, ''),
            coalesce(cast(opened_on as varchar), ''), coalesce(cast(closed_on as varchar), '')
        )) as row_hash,
        row_number() over (partition by outlet_id, snapshot_on order by delivery_id desc, row_no desc) as place
    from stg_channel.outlet
    where superseded_on is null
),

compared as (
    select
        *,
        lag(row_hash) over (partition by outlet_id order by snapshot_on) as hash_before
    from listed
    where place = 1
),

state as (
    select
        *,
        row_number() over (partition by outlet_id order by snapshot_on) as state_no,
        lead(snapshot_on) over (partition by outlet_id order by snapshot_on) as valid_to
    from compared
    where hash_before is null or hash_before <> row_hash
)

select
    outlet_id,
    outlet_name,
    channel_type,
    parent_outlet_id,
    area_id,
    opened_on,
    closed_on,
    case when state_no = 1 then date '1900-01-01' else snapshot_on end as valid_from,
    valid_to,
    valid_to is null as is_current,
    row_hash
from state
