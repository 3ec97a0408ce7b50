/*
description: How far each line in network used what its plan includes, by month and service, and whether the plan fits.
grain: [month_start, subscription_key, service_type]
refresh: month
partition: month_start
keep: 26 months
open_month: false
scope: subscription_key
public: true
reads: {mart_data.threshold: static}
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription in network when the month closed, on a plan with an allowance for the service.
  service_type: varchar - voice, sms or data.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  allowance_units: decimal(18,2) - Minutes, messages or megabytes (1,048,576 bytes) included.
  used_units: decimal(18,3) - Started minutes of calls made, messages sent, megabytes used; data abroad left out, voice and messages abroad not told apart.
  in_bundle_units: decimal(18,3) - Of these, covered by the allowance.
  over_bundle_units: decimal(18,3) - Of these, beyond it.
  used_share: decimal(18,4) - Used per included; above 1 when it was not enough.
  fit_type: varchar - too_large (hardly used), loose, fitting or too_small (not enough).
  is_plan_whole_month: boolean - On the plan since before the month began; else what was used before counts too.
checks:
  - in_bundle_units <= allowance_units
  - in_bundle_units + over_bundle_units = used_units
*/
with

used as (
    select month_start, subscription_key, 'voice' as service_type, cast(billed_minutes as decimal(18, 3)) as used_units
    from mart_usage.subscriber_month
    union all
    select month_start, subscription_key, 'sms' as service_type, cast(sms_sent as decimal(18, 3)) as used_units
    from mart_usage.subscriber_month
    union all
    select
        month_start, subscription_key, 'data' as service_type,
        cast(round((bytes - bytes_abroad) / 1048576.0, 3) as decimal(18, 3)) as used_units
    from mart_data.subscriber_month
),

compared as (
    select
        included.month_start,
        included.subscription_key,
        included.service_type,
        included.allowance_units,
        included.taken_at < included.month_start as is_plan_whole_month,
        coalesce(used.used_units, 0) as used_units,
        least(coalesce(used.used_units, 0), included.allowance_units) as in_bundle_units
    from mart_data.allowance_month as included
    left join used
        on
            included.month_start = used.month_start
            and included.subscription_key = used.subscription_key
            and included.service_type = used.service_type
),

line as (
    select * from core.subscriber_day
    where day = last_day(day)
)

select
    compared.month_start,
    compared.subscription_key,
    compared.service_type,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    compared.allowance_units,
    compared.used_units,
    compared.in_bundle_units,
    compared.used_units - compared.in_bundle_units as over_bundle_units,
    round(pf_div(compared.used_units, compared.allowance_units), 4) as used_share,
    case
        when compared.used_units < threshold.low_band_share * compared.allowance_units then 'too_large'
        when compared.used_units < threshold.fit_band_share * compared.allowance_units then 'loose'
        when compared.used_units <= threshold.full_band_share * compared.allowance_units then 'fitting'
        else 'too_small'
    end as fit_type,
    compared.is_plan_whole_month
from compared
cross join mart_data.threshold as threshold
left join line on last_day(compared.month_start) = line.day and compared.subscription_key = line.subscription_key
