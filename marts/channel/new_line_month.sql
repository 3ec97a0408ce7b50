/*
description: >-
  New lines in the month after their activation - what they spent and used, and what about them is suspicious. A suspected line
  is no proof; it counts towards the outlet that sold it. A month of which history lacks the first day is left out.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads:
  core.plan_fee: static
  mart_channel.threshold: static
columns:
  month_start: date - First day of the month after the activation.
  subscription_key: bigint - Line activated in the month before.
  outlet_id: varchar - Outlet that sold it, as known when the month closed; unknown when no source says.
  channel_type: varchar - Type of that outlet; null when unknown.
  party_key: bigint - Customer; -1 when unknown.
  area_id: varchar - Area of the customer.
  line_type: varchar - handset, data_card or m2m.
  is_commercial: boolean - Belongs to the commercial population.
  activated_on: date - Day of the first activation.
  is_in_network: boolean - In network when the month closed.
  is_in_arrears: boolean - Its account was overdue when the month closed.
  spend_amt: decimal(18,2) - Monthly fee of the plan plus rated charges, before any bill; without tax.
  active_days: integer - Days with any event.
  voice_seconds: bigint - Time talked, made and received.
  billed_minutes: bigint - Started minutes of calls made.
  sms_sent: integer - Messages sent.
  data_bytes: bigint - Bytes up and down.
  events: bigint - Calls, messages and sessions that tell where they took place or not.
  site_events: bigint - Of these, at the site where the line was used most; events of unknown place are no site.
  sites: integer - Radio sites.
  device_lines: integer - New lines of the same outlet and month on that of its handsets which has most, itself included; 0 without any use.
  device_parties: integer - Customers of the new lines on that of its handsets which has most.
  is_effective: boolean - Used on enough days and paying enough; a line of a customer who left and came back is not told apart.
  is_low_spend: boolean - Spends less than the threshold.
  is_low_voice: boolean - Talks less than the threshold.
  is_zero_use: boolean - No event in the month.
  is_at_one_site: boolean - Used, and at one site only.
  is_on_shared_device: boolean - On a handset with at least as many new lines of the outlet as the threshold.
  suspicion_points: integer - Points for being hardly used, on the handset of another customer, and always in one place.
  is_suspected: boolean - A handset line with enough points; data cards and machines never are.
checks:
  - site_events <= events
  - is_zero_use = (active_days = 0)
*/
with

-- A month that began before history did would show its lines as hardly used.
whole_month as (
    select day as month_start
    from core.subscriber_day
    where day = date_trunc('month', day)
    group by day
),

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        day,
        subscription_key,
        outlet_id,
        channel_type,
        party_key,
        area_id,
        line_type,
        is_commercial,
        plan_id,
        first_activated_on,
        is_in_network,
        arrears_amt
    from core.subscriber_day
    where
        day = last_day(day)
        and date_trunc('month', first_activated_on) = date_trunc('month', day) - interval 1 month
        and date_trunc('month', day) in (select whole_month.month_start from whole_month)
),

place as (
    select
        month_start,
        subscription_key,
        sum(events) as events,
        coalesce(max(case when bts_id <> -1 then events end), 0) as site_events,
        count(*) filter (where bts_id <> -1) as sites,
        bool_and(bts_id <> -1) as is_placed
    from mart_channel.new_line_place_month
    group by month_start, subscription_key
),

shared as (
    select
        month_start,
        outlet_id,
        imei_body_key,
        count(*) as lines,
        count(distinct party_key) as parties
    from mart_channel.new_line_device_month
    group by month_start, outlet_id, imei_body_key
),

device as (
    select
        used.month_start,
        used.subscription_key,
        max(shared.lines) as lines,
        max(shared.parties) as parties
    from mart_channel.new_line_device_month as used
    inner join shared
        on
            used.month_start = shared.month_start
            and used.outlet_id = shared.outlet_id
            and used.imei_body_key = shared.imei_body_key
    group by used.month_start, used.subscription_key
),

fact as (
    select
        line.*,
        coalesce(plan.monthly_fee_amt, 0) + round(coalesce(used.charge_amt, 0), 2) as spend_amt,
        coalesce(used.active_days, 0) as active_days,
        coalesce(used.voice_seconds, 0) as voice_seconds,
        coalesce(used.billed_minutes, 0) as billed_minutes,
        coalesce(used.sms_sent, 0) as sms_sent,
        coalesce(used.data_bytes, 0) as data_bytes,
        coalesce(place.events, 0) as events,
        coalesce(place.site_events, 0) as site_events,
        coalesce(place.sites, 0) as sites,
        coalesce(place.is_placed, false) as is_placed,
        coalesce(device.lines, 0) as device_lines,
        coalesce(device.parties, 0) as device_parties
    from line
    left join mart_usage.subscriber_month as used
        on line.month_start = used.month_start and line.subscription_key = used.subscription_key
    left join place on line.month_start = place.month_start and line.subscription_key = place.subscription_key
    left join device on line.month_start = device.month_start and line.subscription_key = device.subscription_key
    left join core.plan_fee as plan
        on line.plan_id = plan.plan_id and line.day >= plan.in_force_from and line.day < plan.in_force_to
),

judged as (
    select
        fact.*,
        threshold.suspected_points,
        fact.active_days >= threshold.effective_active_days and fact.spend_amt >= threshold.effective_spend_amt
            as is_effective,
        fact.spend_amt < threshold.low_spend_amt as is_low_spend,
        fact.voice_seconds < threshold.low_voice_seconds as is_low_voice,
        fact.device_lines >= threshold.shared_device_lines as is_on_shared_device,
        case when fact.events < threshold.hardly_used_events then threshold.hardly_used_points else 0 end
        + case when fact.device_parties >= threshold.handset_parties then threshold.handset_points else 0 end
        + case
            when fact.events > 0 and fact.site_events >= threshold.home_site_share * fact.events
                then threshold.home_site_points
            else 0
        end as suspicion_points
    from fact
    cross join mart_channel.threshold as threshold
)

select
    month_start,
    subscription_key,
    coalesce(outlet_id, 'unknown') as outlet_id,
    channel_type,
    party_key,
    area_id,
    line_type,
    is_commercial,
    first_activated_on as activated_on,
    is_in_network,
    arrears_amt > 0 as is_in_arrears,
    spend_amt,
    active_days,
    voice_seconds,
    billed_minutes,
    sms_sent,
    data_bytes,
    events,
    site_events,
    sites,
    device_lines,
    device_parties,
    is_effective,
    is_low_spend,
    is_low_voice,
    active_days = 0 as is_zero_use,
    sites = 1 and is_placed as is_at_one_site,
    is_on_shared_device,
    suspicion_points,
    coalesce(line_type = 'handset', false) and suspicion_points >= suspected_points as is_suspected
from judged
