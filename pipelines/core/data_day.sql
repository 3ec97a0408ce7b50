/*
description: Data sessions of each subscription and number by day, radio technology, roaming and time band, as known now.
grain: [day, msisdn_key, subscription_key, rat_type, roam_type, time_band]
refresh: view
partition: day
scope: msisdn_key
columns:
  day: date - Business day on which the sessions began.
  msisdn_key: bigint - Number served.
  subscription_key: bigint - Subscription that held the number at the time; -1 when nobody did.
  rat_type: varchar - 2G, 3G, 4G or 5G; 'unknown' when the record does not say.
  roam_type: varchar - home, national or international; 'unknown' when the record does not say.
  is_roaming: boolean - Outside the home network, nationally or abroad.
  time_band: varchar - peak (08:00 to 20:00 on the operator's clock) or off_peak.
  sessions: bigint - Sessions.
  free_sessions: bigint - Sessions that an allowance covered.
  bytes: bigint - Bytes up and down.
  charge_amt: decimal(18,6) - Rated charges.
*/
select
    day,
    msisdn_key,
    subscription_key,
    rat_type,
    roam_type,
    roam_type <> 'home' as is_roaming,
    time_band,
    events as sessions,
    free_events as free_sessions,
    bytes,
    charge_amt
from core.rated_day
where service_type = 'data'
