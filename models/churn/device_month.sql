/*
description: The handset of each line at T.
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
  has_device: boolean - Seen with a handset whose number can be one; null when the module does not know the line.
  device_brand: varchar - Maker; null when the type is unknown.
  device_model: varchar - Model; null when the type is unknown.
  device_type: varchar - smartphone, feature_phone or equipment; null when unknown.
  device_rat_type: varchar - Best radio generation of the handset; null when unknown.
  sim_slots: integer - Card slots; null when unknown.
  price_band: varchar - Price band at launch; null when unknown.
  device_age_months: integer - Months since the line was first seen with it, of the last twelve; null without a handset.
  months_on_market: integer - Months since the launch of the model; null when unknown.
  is_replaced: boolean - Had another primary handset the month before.
  replacements_12_months: integer - Changes of the primary handset in twelve months.
  dual_sim_type: varchar - How its card slots are used; null when unknown.
  is_five_g_plan: boolean - The data allowance of the plan is made for 5G.
  is_five_g_unserved: boolean - A 5G handset on a plan that is not made for it, or the other way round; null when unknown.
*/
select
    line.month_start,
    line.subscription_key,
    device.has_device,
    device.device_brand,
    device.device_model,
    device.device_type,
    device.rat_type as device_rat_type,
    device.sim_slots,
    device.price_band,
    device.device_age_months,
    pf_month_diff(device.launched_on, line.month_start) as months_on_market,
    device.is_replaced,
    device.replacements_12_months,
    device.dual_sim_type,
    device.is_five_g_plan,
    (device.rat_type = '5G') <> device.is_five_g_plan as is_five_g_unserved
from churn.line_month as line
left join mart_device.line_month as device
    on line.month_start = device.month_start and line.subscription_key = device.subscription_key
