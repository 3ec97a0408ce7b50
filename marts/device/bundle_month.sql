/*
description: >-
  Handsets sold with a contract to a line, judged once thirty days have passed, and whether the bundle was unpacked.
grain: [month_start, sale_no]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
requires: [stg_device.handset_sale]
reads:
  stg_device.handset_sale: 31 days
  mart_device.device_month: 31 days
  mart_usage.subscriber_month: 31 days
  mart_device.threshold: static
columns:
  month_start: date - First day of the month in which the thirty days ended.
  sale_no: bigint - Sale.
  sold_on: date - Business day of the sale.
  outlet_id: varchar - Outlet that sold it; unknown when the sale does not say.
  subscription_key: bigint - Line of the contract.
  imei_body_key: bigint - Handset, by the IMEI without its check digit; null when the sale names none that can be one.
  tac: varchar - First eight digits of its IMEI.
  contract_months: integer - Length of the contract.
  price_amt: decimal(18,2) - Price paid.
  subsidy_amt: decimal(18,2) - Subsidy granted.
  own_events: bigint - Events of the line with the handset, in the months that the thirty days touch.
  other_lines: integer - Other lines seen with the handset within the thirty days.
  other_events: bigint - Their events with it, in the months that the thirty days touch.
  line_active_days: integer - Days of use of the line in these months, with whatever handset.
  away_share: decimal(7,6) - Part of the line's data volume outside the home network in these months, of talk without data; null without use.
  unpacked_type: varchar - never_seen, other_line, out_of_province; none when the line uses the handset at home, null when nothing can be judged.
checks:
  - contract_months > 0
  - away_share is null or away_share between 0 and 1
  - unpacked_type is null or unpacked_type in ('none', 'never_seen', 'other_line', 'out_of_province')
*/
with

told as (
    select
        *,
        row_number() over (partition by sale_no order by known_on desc, delivery_id desc, row_no desc) as place
    from stg_device.handset_sale
    where superseded_on is null
),

sale as (
    select
        told.*,
        cast(date_trunc('month', told.sold_on + threshold.unpacked_days) as date) as month_start,
        told.sold_on + threshold.unpacked_days as judged_on,
        threshold.away_share as away_limit
    from told
    cross join mart_device.threshold as threshold
    where told.place = 1 and told.contract_months > 0 and told.subscription_key is not null
),

seen as (
    select
        sale.sale_no,
        sum(case when used.subscription_key = sale.subscription_key then used.events else 0 end) as own_events,
        sum(case when used.subscription_key = sale.subscription_key then 0 else used.events end) as other_events,
        count(distinct case when used.subscription_key <> sale.subscription_key then used.subscription_key end)
            as other_lines
    from sale
    inner join mart_device.device_month as used
        on
            sale.imei_body_key = used.imei_body_key
            and sale.judged_on >= used.first_used_on
            and sale.sold_on <= used.last_used_on
    group by sale.sale_no
),

lived as (
    select
        sale.sale_no,
        sum(used.active_days) as active_days,
        case
            when sum(used.data_bytes) > 0 then pf_div(sum(used.data_roaming_bytes), sum(used.data_bytes))
            else pf_div(sum(used.voice_roaming_seconds), sum(used.voice_seconds))
        end as away_share
    from sale
    inner join mart_usage.subscriber_month as used
        on
            sale.subscription_key = used.subscription_key
            and used.month_start between date_trunc('month', sale.sold_on) and sale.judged_on
    group by sale.sale_no
),

judged as (
    select
        sale.*,
        coalesce(seen.own_events, 0) as own_events,
        coalesce(seen.other_events, 0) as other_events,
        coalesce(seen.other_lines, 0) as other_lines,
        coalesce(lived.active_days, 0) as active_days,
        cast(round(lived.away_share, 6) as decimal(7, 6)) as away_share
    from sale
    left join seen on sale.sale_no = seen.sale_no
    left join lived on sale.sale_no = lived.sale_no
    where last_day(sale.month_start) <= getvariable('as_of')
)

select
    month_start,
    sale_no,
    sold_on,
    coalesce(outlet_id, 'unknown') as outlet_id,
    subscription_key,
    imei_body_key,
    tac,
    contract_months,
    price_amt,
    subsidy_amt,
    own_events,
    other_lines,
    other_events,
    active_days as line_active_days,
    away_share,
    case
        when imei_body_key is null then null
        when own_events = 0 and other_events = 0 then 'never_seen'
        when other_events > own_events then 'other_line'
        when away_share >= away_limit then 'out_of_province'
        else 'none'
    end as unpacked_type
from judged
