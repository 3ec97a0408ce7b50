/*
description: Use of each line by month, late records included; lines in network without any use are there with zeros.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 60 months
scope: subscription_key
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; -1 when the number belonged to nobody known.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed, null when the line was not known then.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  line_type: varchar - handset, data_card or m2m.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  is_in_network: boolean - In network when the month closed.
  active_days: integer - Days with any event.
  voice_active_days: integer - Days with a call.
  data_active_days: integer - Days with data volume.
  voice_seconds: bigint - Time talked, made and received.
  voice_outgoing_seconds: bigint - Time talked in calls made.
  voice_on_net_seconds: bigint - Time talked with own subscribers.
  voice_roaming_seconds: bigint - Time talked while roaming.
  billed_minutes: bigint - Minutes of calls made, each call rounded up.
  sms_sent: integer - Messages sent.
  sms_received: integer - Messages received, and sent ones that failed.
  data_bytes: bigint - Bytes up and down.
  data_up_bytes: bigint - Bytes up.
  data_roaming_bytes: bigint - Bytes up and down while roaming.
  data_gb: decimal(18,6) - Bytes up and down in units of 1024 x 1024 x 1024.
  charge_amt: decimal(18,6) - Charges as rated.
  silent_90_days_on: date - Day in the month on which the line had been without any event for 90 days; null else.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - active_days between 0 and 31
  - voice_active_days <= active_days and data_active_days <= active_days
*/
with

used as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        count(*) as active_days,
        count(*) filter (where voice_events > 0) as voice_active_days,
        count(*) filter (where data_bytes > 0) as data_active_days,
        sum(voice_seconds) as voice_seconds,
        sum(voice_outgoing_seconds) as voice_outgoing_seconds,
        sum(voice_on_net_seconds) as voice_on_net_seconds,
        sum(voice_roaming_seconds) as voice_roaming_seconds,
        sum(billed_minutes) as billed_minutes,
        sum(sms_sent) as sms_sent,
        sum(sms_events - sms_sent) as sms_received,
        sum(data_bytes) as data_bytes,
        sum(data_up_bytes) as data_up_bytes,
        sum(data_roaming_bytes) as data_roaming_bytes,
        sum(charge_amt) as charge_amt
    from mart_usage.subscriber_day
    group by cast(date_trunc('month', day) as date), subscription_key
),

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        day,
        subscription_key,
        party_key,
        pay_type,
        brand,
        plan_id,
        line_type,
        area_id,
        channel_type,
        segment_type,
        is_commercial,
        is_in_network,
        cast(last_event_on + interval 90 day as date) as silent_90_days_on
    from core.subscriber_day
    where day = least(last_day(day), getvariable('as_of'))
)

select
    coalesce(line.month_start, used.month_start) as month_start,
    coalesce(line.subscription_key, used.subscription_key) as subscription_key,
    coalesce(line.party_key, -1) as party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.line_type,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    coalesce(line.is_in_network, false) as is_in_network,
    coalesce(used.active_days, 0) as active_days,
    coalesce(used.voice_active_days, 0) as voice_active_days,
    coalesce(used.data_active_days, 0) as data_active_days,
    coalesce(used.voice_seconds, 0) as voice_seconds,
    coalesce(used.voice_outgoing_seconds, 0) as voice_outgoing_seconds,
    coalesce(used.voice_on_net_seconds, 0) as voice_on_net_seconds,
    coalesce(used.voice_roaming_seconds, 0) as voice_roaming_seconds,
    coalesce(used.billed_minutes, 0) as billed_minutes,
    coalesce(used.sms_sent, 0) as sms_sent,
    coalesce(used.sms_received, 0) as sms_received,
    coalesce(used.data_bytes, 0) as data_bytes,
    coalesce(used.data_up_bytes, 0) as data_up_bytes,
    coalesce(used.data_roaming_bytes, 0) as data_roaming_bytes,
    round(cast(coalesce(used.data_bytes, 0) as double) / 1073741824, 6) as data_gb,
    coalesce(used.charge_amt, 0) as charge_amt,
    case
        when line.silent_90_days_on between line.month_start and line.day then line.silent_90_days_on
    end as silent_90_days_on,
    last_day(coalesce(line.month_start, used.month_start)) <= getvariable('as_of') as is_closed
from line
full outer join used on line.month_start = used.month_start and line.subscription_key = used.subscription_key
where line.is_in_network or used.subscription_key is not null
