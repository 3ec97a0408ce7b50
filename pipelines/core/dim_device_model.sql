/*
description: Handset types by the first digits of the IMEI and how their listing changed, one row per code and state.
grain: [tac, valid_from]
public: true
columns:
  tac: varchar - First digits of the IMEI that name the type; eight, six for old ones.
  device_brand: varchar - Maker; null when the registry does not say.
  device_model: varchar - Model; null when the registry does not say.
  os_name: varchar - Operating system.
  device_type: varchar - smartphone, feature_phone or equipment; UNK for an operating system that nobody has classed.
  rat_type: varchar - Best radio generation it can use, 2G to 5G.
  sim_slots: integer - SIM slots.
  launched_on: date - Launch on the market.
  price_band: varchar - Price band at launch.
  valid_from: date - First business day that closed with this state; 1900-01-01 for what the first delivery told.
  valid_to: date - First business day that closed with another; 9999-12-31 while it lasts.
checks:
  - valid_from < valid_to
  - length(tac) in (6, 7, 8)
  - sim_slots is null or sim_slots > 0
watch:
  - device_type <> 'UNK'
*/
with

listed as (
    select
        *,
        md5(concat_ws(
            '|', coalesce(device_brand, ''), coalesce(device_model, ''), coalesce(os_name, ''), coalesce(rat_type, ''),
            coalesce(sim_slots, 0), coalesce(cast(launched_on as varchar), ''), coalesce(price_band, '')
        )) as row_hash,
        row_number() over (partition by tac, known_on order by delivery_id desc, row_no desc) as place
    from stg_device.tac
),

compared as (
    select
        *,
        lag(row_hash) over (partition by tac order by known_on) as hash_before
    from listed
    where place = 1
),

beginning as (
    select min(known_on) as known_on
    from stg_device.tac
),

state as (
    select
        compared.*,
        case when compared.known_on = beginning.known_on then date '1900-01-01' else compared.known_on end as valid_from
    from compared
    cross join beginning
    where compared.hash_before is null or compared.hash_before <> compared.row_hash
)

select
    state.tac,
    state.device_brand,
    state.device_model,
    state.os_name,
    coalesce(code.std_code, 'UNK') as device_type,
    state.rat_type,
    state.sim_slots,
    state.launched_on,
    state.price_band,
    state.valid_from,
    lead(state.valid_from, 1, date '9999-12-31') over (partition by state.tac order by state.valid_from) as valid_to
from state
left join core.map_code as code
    on
        code.domain = 'device_type'
        and code.source = 'device'
        and coalesce(state.os_name, '') = code.source_code
        and state.valid_from >= code.valid_from
        and state.valid_from < code.valid_to
