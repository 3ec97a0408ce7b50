/*
description: What each line is used for up to T - directions, networks, technologies, and how its plan fits.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  voice_active_days: integer - Days with a call.
  data_active_days: integer - Days with volume.
  outgoing_share: decimal(9,6) - Share of the seconds talked that were called by the line; null without calls.
  on_net_share: decimal(9,6) - Share of the seconds talked with lines of this operator; null without calls.
  roaming_voice_s: bigint - Seconds talked outside the home network.
  roaming_bytes: bigint - Bytes outside the home network.
  sms_received: integer - Messages received.
  upload_share: decimal(9,6) - Share of the bytes sent; null without volume.
  sessions: bigint - Data sessions.
  data_days_used: integer - Days with a session.
  bytes_4g_share: decimal(9,6) - Share of the bytes over 4G; null without volume.
  bytes_5g_share: decimal(9,6) - Share of the bytes over 5G.
  bytes_old_share: decimal(9,6) - Share of the bytes over 2G and 3G.
  bytes_peak_share: decimal(9,6) - Share of the bytes from 08:00 to 20:00.
  bytes_abroad: bigint - Bytes abroad.
  data_silent_days: integer - Days from the last session to T; null without one in the month.
  over_bundle_amt: decimal(18,6) - Charges for data at home and in the country.
  abroad_amt: decimal(18,6) - Charges for data abroad.
  data_variation: decimal(18,6) - Standard deviation over mean of the daily megabytes; null without volume.
  data_front_share: decimal(9,6) - Share of the bytes in the first ten days; null without volume.
  voice_allowance: decimal(18,2) - Minutes that the plan includes; null without.
  voice_used_share: decimal(18,4) - Share of these used.
  voice_fit_type: varchar - How the minutes fit, see mart_data.bundle_month; null without.
  data_allowance_mb: decimal(18,2) - Megabytes that the plan includes; null without.
  data_used_share: decimal(18,4) - Share of these used.
  data_fit_type: varchar - How the volume fits; null without.
  data_over_units: decimal(18,3) - Megabytes beyond them.
*/
with

bundle as (
    select
        month_start,
        subscription_key,
        max(case when service_type = 'voice' then allowance_units end) as voice_allowance,
        max(case when service_type = 'voice' then used_share end) as voice_used_share,
        max(case when service_type = 'voice' then fit_type end) as voice_fit_type,
        max(case when service_type = 'data' then allowance_units end) as data_allowance_mb,
        max(case when service_type = 'data' then used_share end) as data_used_share,
        max(case when service_type = 'data' then fit_type end) as data_fit_type,
        max(case when service_type = 'data' then over_bundle_units end) as data_over_units
    from mart_data.bundle_month
    group by month_start, subscription_key
)

select
    line.month_start,
    line.subscription_key,
    used.voice_active_days,
    used.data_active_days,
    round(pf_div(used.voice_outgoing_seconds, used.voice_seconds), 6) as outgoing_share,
    round(pf_div(used.voice_on_net_seconds, used.voice_seconds), 6) as on_net_share,
    used.voice_roaming_seconds as roaming_voice_s,
    used.data_roaming_bytes as roaming_bytes,
    used.sms_received,
    round(pf_div(used.data_up_bytes, used.data_bytes), 6) as upload_share,
    coalesce(data.sessions, 0) as sessions,
    coalesce(data.days_used, 0) as data_days_used,
    round(pf_div(data.bytes_4g, data.bytes), 6) as bytes_4g_share,
    round(pf_div(data.bytes_5g, data.bytes), 6) as bytes_5g_share,
    round(pf_div(data.bytes_2g + data.bytes_3g, data.bytes), 6) as bytes_old_share,
    round(pf_div(data.bytes_peak, data.bytes), 6) as bytes_peak_share,
    coalesce(data.bytes_abroad, 0) as bytes_abroad,
    date_diff('day', data.last_used_on, last_day(line.month_start)) as data_silent_days,
    coalesce(data.over_bundle_amt, 0) as over_bundle_amt,
    coalesce(data.abroad_amt, 0) as abroad_amt,
    data.daily_variation as data_variation,
    data.front_share as data_front_share,
    bundle.voice_allowance,
    bundle.voice_used_share,
    bundle.voice_fit_type,
    bundle.data_allowance_mb,
    bundle.data_used_share,
    bundle.data_fit_type,
    bundle.data_over_units
from churn.line_month as line
left join mart_usage.subscriber_month as used
    on line.month_start = used.month_start and line.subscription_key = used.subscription_key
left join mart_data.subscriber_month as data
    on line.month_start = data.month_start and line.subscription_key = data.subscription_key
left join bundle on line.month_start = bundle.month_start and line.subscription_key = bundle.subscription_key
