/*
description: Lines by handset model and month, with what is new since the month before; launches and price bands.
grain: [month_start, device_brand, device_model]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  device_brand: varchar - Maker; unknown when the registry does not know the type.
  device_model: varchar - Model; unknown when the registry does not know the type.
  device_type: varchar - smartphone, feature_phone or equipment; unknown when the type is.
  rat_type: varchar - Best radio generation; unknown when the type is.
  price_band: varchar - Price band at launch; unknown when the type is.
  launched_on: date - First launch of its types; null when unknown.
  months_on_market: integer - Calendar months since the launch, negative before it; null when unknown.
  lines: integer - Commercial lines in the network with it.
  lines_known_before: integer - Of these, lines that had a primary handset the month before too.
  lines_changed_to: integer - Of these, lines that had another one the month before.
  lines_five_g_unserved: integer - Lines whose handset can use 5G while the plan is not made for it.
  line_share: decimal(7,6) - Lines by all commercial lines with a handset in the month.
checks:
  - lines_changed_to <= lines_known_before and lines_known_before <= lines
  - line_share between 0 and 1
*/
with

model as (
    select
        month_start,
        coalesce(device_brand, 'unknown') as device_brand,
        coalesce(device_model, 'unknown') as device_model,
        coalesce(min(device_type), 'unknown') as device_type,
        coalesce(max(rat_type), 'unknown') as rat_type,
        coalesce(min(price_band), 'unknown') as price_band,
        min(launched_on) as launched_on,
        count(*) as lines,
        count(*) filter (where is_device_known_before) as lines_known_before,
        count(*) filter (where is_replaced) as lines_changed_to,
        count(*) filter (where rat_type = '5G' and not is_five_g_plan) as lines_five_g_unserved
    from mart_device.line_month
    where is_commercial and has_device
    group by month_start, coalesce(device_brand, 'unknown'), coalesce(device_model, 'unknown')
)

select
    month_start,
    device_brand,
    device_model,
    device_type,
    rat_type,
    price_band,
    launched_on,
    pf_month_diff(launched_on, month_start) as months_on_market,
    lines,
    lines_known_before,
    lines_changed_to,
    lines_five_g_unserved,
    cast(round(pf_div(lines, sum(lines) over (partition by month_start)), 6) as decimal(7, 6)) as line_share
from model
