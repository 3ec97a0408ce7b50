/*
description: Data sessions, and calls and messages that were charged or should have been, by day, number and radio technology.
grain: [day, msisdn_key, subscription_key, service_type, roam_type, rat_type, time_band]
refresh: day
partition: day
keep: 14 months
scope: msisdn_key
columns:
  day: date - Business day on which the events began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  service_type: varchar - voice, sms or data.
  roam_type: varchar - home, national or international; 'unknown' when the record does not say.
  rat_type: varchar - 2G, 3G, 4G or 5G of data sessions; 'none' for calls and messages, 'unknown' when the record does not say.
  time_band: varchar - peak (08:00 to 20:00 on the operator's clock) or off_peak.
  item_code: varchar - Item of a bill that the charge belongs to - roaming for what happened abroad, else the service.
  events: bigint - Sessions, and such calls and messages.
  bytes: bigint - Bytes up and down; 0 for calls and messages.
  charge_amt: decimal(18,6) - Rated charges.
  free_events: bigint - Sessions that an allowance covered.
  unrated_events: bigint - Events that no allowance covered and no price was put on.
checks:
  - events > 0
  - unrated_events + free_events <= events
*/
-- As known now. Calls and messages without a charge that none is due for are left out: they are many, and free.
with

event as (
    select
        usage.event_day as day,
        usage.msisdn_key,
        usage.subscription_key,
        usage.service_type,
        coalesce(usage.roam_type, 'unknown') as roam_type,
        case when usage.service_type = 'data' then coalesce(usage.rat_type, 'unknown') else 'none' end as rat_type,
        usage.time_band,
        usage.bytes_up + usage.bytes_down as bytes,
        usage.charge_amt,
        coalesce(usage.is_free_unit, false) as is_free,
        usage.charge_amt = 0 and not coalesce(usage.is_free_unit, false) and (
            usage.bytes_up + usage.bytes_down > 0
            or usage.billed_minutes > 0
            or (usage.service_type = 'sms' and usage.direction_type = 'mo' and usage.cause_type <> 'failed')
            or (usage.service_type = 'voice' and usage.roam_type = 'international' and usage.duration_s > 0)
        ) as is_unrated
    from core.line_event as usage
    where usage.is_current
)

select
    day,
    msisdn_key,
    subscription_key,
    service_type,
    roam_type,
    rat_type,
    time_band,
    case when roam_type = 'international' then 'roaming' else service_type end as item_code,
    count(*) as events,
    sum(bytes) as bytes,
    sum(charge_amt) as charge_amt,
    sum(case when is_free then 1 else 0 end) as free_events,
    sum(case when is_unrated then 1 else 0 end) as unrated_events
from event
where service_type = 'data' or charge_amt <> 0 or is_unrated
group by
    day,
    msisdn_key,
    subscription_key,
    service_type,
    roam_type,
    rat_type,
    time_band
