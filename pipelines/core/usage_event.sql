/*
description: Every call, message and data session once, partial records merged, as counted now and as counted when its day closed.
grain: [event_day, msisdn_key, service_type, event_id, start_at, is_current, was_known]
refresh: view
partition: event_day
scope: msisdn_key
columns:
  event_day: date - Business day on which it began.
  msisdn_key: bigint - Number served.
  service_type: varchar - voice, sms or data.
  event_id: bigint - Reference given by mediation or charging.
  start_at: timestamp - When it began, UTC.
  direction_type: varchar - mo (made) or mt (received); data sessions are mo.
  other_msisdn_key: bigint - The other party; null when unknown and for data.
  imsi_key: bigint - SIM identity.
  imei_key: bigint - Handset.
  tac: varchar - First eight digits of the handset's IMEI.
  imei_body_key: bigint - First fourteen digits of the handset's IMEI; null when it has fewer.
  cell_id: integer - Cell in which it began; null when unknown.
  roam_type: varchar - home, national or international.
  other_operator: varchar - Operator of the other party; null for data.
  is_on_net: boolean - Whether the other party is a customer of this operator.
  rat_type: varchar - 2G, 3G, 4G or 5G; null for voice and messages.
  duration_s: integer - Duration of the whole call in seconds; 0 for messages and data.
  billed_minutes: integer - Started minutes of a call made, whoever pays; 0 for calls received, messages and data.
  bytes_up: bigint - Bytes sent by the handset; 0 for voice and messages.
  bytes_down: bigint - Bytes received by the handset; 0 for voice and messages.
  charge_amt: decimal(18,6) - Rated charge, after free units.
  is_free_unit: boolean - Whether an allowance covered all of it.
  cause_type: varchar - normal, dropped or failed, as the last partial record says; normal for data.
  partials: integer - Records that were merged.
  is_current: boolean - Counts as known now.
  was_known: boolean - Counted when its day closed.
*/
with

record as not materialized (
    select
        event_day, msisdn_key, service_type, event_id, start_at, direction_type, other_msisdn_key, imsi_key, imei_key,
        tac, imei_body_key,
        cell_id, roam_type, other_operator, other_operator = 'own' as is_on_net, cast(null as varchar) as rat_type,
        duration_s,
        cast(0 as bigint) as bytes_up,
        cast(0 as bigint) as bytes_down,
        charge_amt,
        is_free_unit,
        cause_type,
        service_type <> 'data' as is_call, record_seq, delivery_id, file_no, row_no, known_on,
        superseded_on is null as is_current,
        known_on <= event_day and (superseded_on is null or superseded_on > event_day) as was_known
    from stg_mediation.cdr
    union all
    select
        event_day, msisdn_key, 'data' as service_type, event_id, start_at, 'mo' as direction_type,
        null as other_msisdn_key, imsi_key, imei_key,
        tac, imei_body_key,
        cell_id, roam_type, null as other_operator, false as is_on_net, rat_type,
        0 as duration_s, bytes_up, bytes_down, charge_amt, is_free_unit, 'normal' as cause_type,
        false as is_call, record_seq, delivery_id, file_no, row_no, known_on,
        superseded_on is null as is_current,
        known_on <= event_day and (superseded_on is null or superseded_on > event_day) as was_known
    from stg_charging.data_record
),

-- Nearly every event has one record. The few references that come again are found first; only they are sorted.
repeated as (
    select
        is_call,
        event_id
    from record
    group by is_call, event_id
    having count(*) > 1
),

-- One copy of each repeated record for each of the two views of time in which it counts.
counted as (
    select record.*, true as as_now
    from record
    inner join repeated on record.is_call = repeated.is_call and record.event_id = repeated.event_id
    where record.is_current
    union all
    select record.*, false as as_now
    from record
    inner join repeated on record.is_call = repeated.is_call and record.event_id = repeated.event_id
    where record.was_known
),

-- The same record sent twice counts once: the one known first, then the lowest file and row.
distinct_record as (
    select
        *,
        row_number() over (
            partition by as_now, event_day, msisdn_key, service_type, event_id, start_at, record_seq
            order by known_on, delivery_id, file_no, row_no
        ) as copy_no
    from counted
),

-- Partial records of one event add up; what cannot be added is taken from the first, the cause from the last.
merged as (
    select
        *,
        row_number() over in_sequence as place,
        last_value(cause_type) over event as last_cause_type,
        cast(sum(duration_s) over event as integer) as all_duration_s,
        cast(sum(bytes_up) over event as bigint) as all_bytes_up,
        cast(sum(bytes_down) over event as bigint) as all_bytes_down,
        cast(sum(charge_amt) over event as decimal(18, 6)) as all_charge_amt,
        bool_and(is_free_unit) over event as is_all_free_unit,
        cast(count(*) over event as integer) as partials
    from distinct_record
    where copy_no = 1
    window
        in_sequence as (
            partition by as_now, event_day, msisdn_key, service_type, event_id, start_at order by record_seq
        ),
        event as (
            partition by as_now, event_day, msisdn_key, service_type, event_id, start_at order by record_seq
            rows between unbounded preceding and unbounded following
        )
),

single as (
    select record.*
    from record
    left join repeated on record.is_call = repeated.is_call and record.event_id = repeated.event_id
    where (record.is_current or record.was_known) and repeated.event_id is null
),

event as (
    select
        event_day, msisdn_key, service_type, event_id, start_at, direction_type, other_msisdn_key, imsi_key, imei_key,
        tac, imei_body_key,
        cell_id, roam_type, other_operator, is_on_net, rat_type, duration_s, bytes_up, bytes_down, charge_amt,
        is_free_unit, cause_type, 1 as partials, is_current, was_known
    from single
    union all
    select
        event_day, msisdn_key, service_type, event_id, start_at, direction_type, other_msisdn_key, imsi_key, imei_key,
        tac, imei_body_key,
        cell_id, roam_type, other_operator, is_on_net, rat_type, all_duration_s, all_bytes_up, all_bytes_down,
        all_charge_amt, is_all_free_unit, last_cause_type, partials, bool_or(as_now) as is_current,
        bool_or(not as_now) as was_known
    from merged
    where place = 1
    group by
        event_day, msisdn_key, service_type, event_id, start_at, direction_type, other_msisdn_key, imsi_key, imei_key,
        tac, imei_body_key,
        cell_id, roam_type, other_operator, is_on_net, rat_type, all_duration_s, all_bytes_up, all_bytes_down,
        all_charge_amt, is_all_free_unit, last_cause_type, partials
)

select
    event_day,
    msisdn_key,
    service_type,
    event_id,
    start_at,
    direction_type,
    other_msisdn_key,
    imsi_key,
    imei_key,
    tac,
    imei_body_key,
    cell_id,
    roam_type,
    other_operator,
    coalesce(is_on_net, false) as is_on_net,
    rat_type,
    duration_s,
    case
        when service_type = 'voice' and direction_type = 'mo' and cause_type <> 'failed'
            then cast(ceil(duration_s / 60.0) as integer)
        else 0
    end as billed_minutes,
    bytes_up,
    bytes_down,
    charge_amt,
    is_free_unit,
    case when cause_type = 'partial' then 'normal' else cause_type end as cause_type,   -- the last part is still to come
    partials,
    is_current,
    was_known
from event
