/*
description: Data use of each line by month - technology, time, place, steadiness and what it cost beyond the plan; lines with any session.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
scope: subscription_key
public: true
reads: {mart_data.threshold: static}
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
  sessions: bigint - Data sessions.
  bytes: bigint - Bytes up and down.
  bytes_2g: bigint - Of these, over 2G.
  bytes_3g: bigint - Of these, over 3G.
  bytes_4g: bigint - Of these, over 4G.
  bytes_5g: bigint - Of these, over 5G.
  bytes_national: bigint - Of these, roaming within the country.
  bytes_abroad: bigint - Of these, abroad, where no allowance applies.
  bytes_peak: bigint - Of these, from 08:00 to 20:00 on the operator's clock.
  days_used: integer - Days with a session.
  first_used_on: date - First of them.
  last_used_on: date - Last of them.
  allowance_bytes: bigint - Monthly allowance of the plan, see mart_data.allowance_month; null without one.
  over_bundle_bytes: bigint - Bytes at home and in the country beyond it; after a change of plan within the month, against the last one; null without an allowance.
  over_bundle_amt: decimal(18,6) - Rated charges for data at home and in the country.
  abroad_amt: decimal(18,6) - Rated charges for data abroad.
  days_in_network: integer - Days of the month from the line's activation to its end; null for lines that had left by then.
  day_mb: decimal(38,6) - Sum over these days of the megabytes (1,048,576 bytes) of the day.
  day_mb_square: decimal(38,6) - Sum over these days of the square of the megabytes of the day.
  daily_variation: decimal(18,6) - Standard deviation over mean of the daily megabytes, days without use included; null for lines that had left.
  bytes_front: bigint - Bytes of the first ten days of the month.
  front_share: decimal(9,6) - bytes_front / bytes; null without volume.
checks:
  - days_used between 1 and 31
  - bytes_abroad + bytes_national <= bytes
  - daily_variation is null or daily_variation >= 0
*/
with

day_of as (
    select
        day,
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        sum(sessions) as sessions,
        sum(bytes) as bytes,
        sum(case when rat_type = '2G' then bytes else 0 end) as bytes_2g,
        sum(case when rat_type = '3G' then bytes else 0 end) as bytes_3g,
        sum(case when rat_type = '4G' then bytes else 0 end) as bytes_4g,
        sum(case when rat_type = '5G' then bytes else 0 end) as bytes_5g,
        sum(case when roam_type = 'national' then bytes else 0 end) as bytes_national,
        sum(case when roam_type = 'international' then bytes else 0 end) as bytes_abroad,
        sum(case when time_band = 'peak' then bytes else 0 end) as bytes_peak,
        sum(case when roam_type = 'international' then 0 else charge_amt end) as over_bundle_amt,
        sum(case when roam_type = 'international' then charge_amt else 0 end) as abroad_amt
    from core.data_day
    group by day, cast(date_trunc('month', day) as date), subscription_key
),

used as (
    select
        day_of.month_start,
        day_of.subscription_key,
        sum(day_of.sessions) as sessions,
        sum(day_of.bytes) as bytes,
        sum(day_of.bytes_2g) as bytes_2g,
        sum(day_of.bytes_3g) as bytes_3g,
        sum(day_of.bytes_4g) as bytes_4g,
        sum(day_of.bytes_5g) as bytes_5g,
        sum(day_of.bytes_national) as bytes_national,
        sum(day_of.bytes_abroad) as bytes_abroad,
        sum(day_of.bytes_peak) as bytes_peak,
        count(*) as days_used,
        min(day_of.day) as first_used_on,
        max(day_of.day) as last_used_on,
        sum(day_of.over_bundle_amt) as over_bundle_amt,
        sum(day_of.abroad_amt) as abroad_amt,
        sum(cast(round(day_of.bytes / 1048576.0, 3) as decimal(18, 3))) as day_mb,
        sum(
            cast(
                cast(round(day_of.bytes / 1048576.0, 3) as decimal(18, 3))
                * cast(round(day_of.bytes / 1048576.0, 3) as decimal(18, 3)) as decimal(36, 6)
            )
        ) as day_mb_square,
        sum(
            case when extract(day from day_of.day) <= threshold.front_days then day_of.bytes else 0 end
        ) as bytes_front
    from day_of
    cross join mart_data.threshold as threshold
    group by day_of.month_start, day_of.subscription_key
),

line as (
    select
        *,
        cast(date_trunc('month', day) as date) as month_start,
        case
            when is_in_network
                then date_diff('day', greatest(activated_on, cast(date_trunc('month', day) as date)), day) + 1
        end as days_in_network
    from core.subscriber_day
    where day = last_day(day)
),

allowance as (
    select month_start, subscription_key, allowance_units as allowance_mb
    from mart_data.allowance_month
    where service_type = 'data'
)

select
    used.month_start,
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
    coalesce(line.is_in_network, false) as is_in_network,
    used.sessions,
    used.bytes,
    used.bytes_2g,
    used.bytes_3g,
    used.bytes_4g,
    used.bytes_5g,
    used.bytes_national,
    used.bytes_abroad,
    used.bytes_peak,
    used.days_used,
    used.first_used_on,
    used.last_used_on,
    cast(round(allowance.allowance_mb * 1048576, 0) as bigint) as allowance_bytes,
    case
        when used.bytes - used.bytes_abroad > allowance.allowance_mb * 1048576
            then cast(round(used.bytes - used.bytes_abroad - allowance.allowance_mb * 1048576, 0) as bigint)
        when allowance.allowance_mb is not null then 0
    end as over_bundle_bytes,
    used.over_bundle_amt,
    used.abroad_amt,
    line.days_in_network,
    used.day_mb,
    used.day_mb_square,
    round(
        pf_div(
            sqrt(greatest(cast(line.days_in_network * used.day_mb_square - used.day_mb * used.day_mb as double), 0)),
            used.day_mb
        ), 6
    ) as daily_variation,
    used.bytes_front,
    round(pf_div(used.bytes_front, used.bytes), 6) as front_share
from used
left join line on used.month_start = line.month_start and used.subscription_key = line.subscription_key
left join allowance
    on used.month_start = allowance.month_start and used.subscription_key = allowance.subscription_key
