/*
description: >-
  Lines in the network when a month closed and their handset - what it can do, since when, whether it changed, how its card
  slots are used, and whether the plan goes with it.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
open_month: false
keep: 14 months
scope: subscription_key
public: true
reads:
  core.dim_device_model: static
  core.dim_plan: static
  core.plan_component: static
  mart_device.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Line.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  line_type: varchar - handset, data_card or m2m.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  tenure_months: integer - Calendar months since the first activation; null before.
  has_device: boolean - Seen with a handset whose number can be one, in this month or the two before.
  imei_body_key: bigint - Its handset, by the IMEI without check digit; null without one.
  is_primary: boolean - The handset is the line's alone in the two-way assignment; null without one.
  tac: varchar - First eight digits of the IMEI; null without a handset.
  device_brand: varchar - Maker; null when the type is unknown.
  device_model: varchar - Model; null when the type is unknown.
  device_type: varchar - smartphone, feature_phone or equipment; null when the type is unknown.
  rat_type: varchar - Best radio generation of the handset; null when the type is unknown.
  sim_slots: integer - Card slots of the handset; null when the type is unknown.
  launched_on: date - Launch of the handset on the market; null when the type is unknown.
  price_band: varchar - Price band at launch; null when the type is unknown.
  device_age_months: integer - Months since the line was first seen with it, of the last twelve; null without a handset.
  is_device_known_before: boolean - The line had a primary handset in this month and the one before.
  is_replaced: boolean - Had another primary handset the month before.
  replacements_12_months: integer - Changes of the primary handset in this month and the eleven before.
  dual_sim_type: varchar - none (one slot), single (more slots, one own card seen), own_primary or own_secondary (two own cards); null when unknown.
  is_five_g_plan: boolean - The data allowance of the plan is made for 5G.
checks:
  - has_device = (imei_body_key is not null)
  - is_device_known_before or not is_replaced
*/
with

model as (
    select
        used.month_start,
        used.tac,
        model.device_brand,
        model.device_model,
        model.device_type,
        model.rat_type,
        model.sim_slots,
        model.launched_on,
        model.price_band,
        row_number() over (partition by used.month_start, used.tac order by length(model.tac) desc) as place
    from (select distinct month_start, tac from mart_device.primary_month) as used
    inner join core.dim_device_model as model
        on
            left(used.tac, length(model.tac)) = model.tac
            and last_day(used.month_start) >= model.valid_from
            and last_day(used.month_start) < model.valid_to
),

plan as (
    select
        plan.plan_id,
        plan.valid_from,
        plan.valid_to,
        sum(component.allowance_units) as allowance_mb
    from core.dim_plan as plan
    inner join core.plan_component as component
        on plan.plan_id = component.plan_id and plan.plan_version = component.plan_version
    where component.component_type = 'allowance' and component.service_type = 'data'
    group by plan.plan_id, plan.plan_version, plan.valid_from, plan.valid_to
)

select
    cast(date_trunc('month', line.day) as date) as month_start,
    line.subscription_key,
    line.party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.line_type,
    line.area_id,
    line.channel_type,
    line.segment_type,
    line.is_commercial,
    line.tenure_months,
    used.imei_body_key is not null as has_device,
    used.imei_body_key,
    used.role_type = 'primary' as is_primary,
    used.tac,
    model.device_brand,
    model.device_model,
    model.device_type,
    model.rat_type,
    model.sim_slots,
    model.launched_on,
    model.price_band,
    used.device_age_months,
    coalesce(used.is_device_known_before, false) as is_device_known_before,
    coalesce(used.is_replaced, false) as is_replaced,
    coalesce(used.replacements_12_months, 0) as replacements_12_months,
    case
        when model.sim_slots is null then null
        when model.sim_slots = 1 then 'none'
        when used.days < threshold.second_card_days or used.cards not between 2 and model.sim_slots then 'single'
        when used.line_place = 1 then 'own_primary'
        else 'own_secondary'
    end as dual_sim_type,
    coalesce(plan.allowance_mb >= threshold.five_g_plan_mb, false) as is_five_g_plan
from core.subscriber_day as line
cross join mart_device.threshold as threshold
left join mart_device.primary_month as used
    on date_trunc('month', line.day) = used.month_start and line.subscription_key = used.subscription_key
left join model on used.month_start = model.month_start and used.tac = model.tac and model.place = 1
left join plan
    on
        line.plan_id = plan.plan_id
        and line.day >= plan.valid_from
        and line.day < coalesce(plan.valid_to, date '9999-12-31')
where line.day = last_day(line.day) and line.is_in_network
