/*
description: Use of each line by day, late records included, with the attributes it had when the day closed.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 26 months
scope: subscription_key
public: true
columns:
  day: date - Business day of the events, in the operator's time zone.
  subscription_key: bigint - Subscription; -1 when the number belonged to nobody known.
  party_key: bigint - Customer as resolved; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are null when the line was not known that day.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  line_type: varchar - handset, data_card or m2m.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  voice_events: integer - Calls made and received.
  sms_events: integer - Messages sent and received.
  data_events: integer - Data sessions.
  voice_seconds: bigint - Time talked, made and received.
  voice_outgoing_seconds: bigint - Time talked in calls made.
  voice_on_net_seconds: bigint - Time talked with own subscribers.
  voice_roaming_seconds: bigint - Time talked while roaming.
  billed_minutes: bigint - Minutes of calls made, each call rounded up.
  sms_sent: integer - Messages sent.
  data_bytes: bigint - Bytes up and down.
  data_up_bytes: bigint - Bytes up.
  data_roaming_bytes: bigint - Bytes up and down while roaming.
  charge_amt: decimal(18,6) - Charges as rated.
checks:
  - voice_seconds >= 0 and data_bytes >= data_up_bytes
  - voice_outgoing_seconds <= voice_seconds
*/
with

used as (
    select
        day,
        subscription_key,
        sum(case when service_type = 'voice' then events else 0 end) as voice_events,
        sum(case when service_type = 'sms' then events else 0 end) as sms_events,
        sum(case when service_type = 'data' then events else 0 end) as data_events,
        sum(duration_s) as voice_seconds,
        sum(case when direction_type = 'mo' then duration_s else 0 end) as voice_outgoing_seconds,
        sum(case when is_on_net then duration_s else 0 end) as voice_on_net_seconds,
        sum(case when is_roaming then duration_s else 0 end) as voice_roaming_seconds,
        sum(billed_minutes) as billed_minutes,
        sum(
            case when service_type = 'sms' and direction_type = 'mo' then events - failed_events else 0 end
        ) as sms_sent,
        sum(bytes_up + bytes_down) as data_bytes,
        sum(bytes_up) as data_up_bytes,
        sum(case when is_roaming then bytes_up + bytes_down else 0 end) as data_roaming_bytes,
        sum(charge_amt) as charge_amt
    from core.usage_day_version
    where is_current
    group by day, subscription_key
)

select
    used.day,
    used.subscription_key,
    coalesce(line.party_key, -1) as party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.line_type,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    used.voice_events,
    used.sms_events,
    used.data_events,
    used.voice_seconds,
    used.voice_outgoing_seconds,
    used.voice_on_net_seconds,
    used.voice_roaming_seconds,
    used.billed_minutes,
    used.sms_sent,
    used.data_bytes,
    used.data_up_bytes,
    used.data_roaming_bytes,
    used.charge_amt
from used
left join core.subscriber_day as line on used.day = line.day and used.subscription_key = line.subscription_key
