/*
description: Campaigns by the month in which their three months were over, with what came of them; for KPIs by month.
grain: [month_start, campaign_id]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads:
  mart_campaign.target_margin: 92 days
  stg_campaign.activity: 130 days
columns:
  month_start: date - First day of the third month after that in which the list was frozen.
  campaign_id: varchar - Campaign.
  offer_id: varchar - Offer made; 'unknown' without one.
  targets: integer - Lines to be contacted; all on the list, also those that had left when it was frozen.
  controls: integer - Lines left alone.
  contacted: integer - Targets that a contact was attempted with.
  responded: integer - Targets that answered.
  accepted: integer - Targets that took the offer.
  incremental_margin_amt: decimal(18,2) - Margin of the targets over the four months beyond that of as many controls, both against their revenue before; null without finance or controls.
  cost_amt: decimal(18,2) - Cost of the campaign; null when never told.
*/
with

line as (
    select
        campaign_id,
        subscription_key,
        is_control,
        cast(date_trunc('month', frozen_on) + interval 3 month as date) as month_start,
        sum(contacts) as contacts,
        sum(answers) as answers,
        sum(acceptances) as acceptances,
        case
            when count(margin_amt) = count(*) then sum(margin_amt) - count(*) * max(revenue_before_amt)
        end as gain_amt
    from mart_campaign.target_margin
    group by
        campaign_id,
        subscription_key,
        is_control,
        cast(date_trunc('month', frozen_on) + interval 3 month as date)
),

counted as (
    select
        month_start,
        campaign_id,
        sum(case when is_control then 0 else 1 end) as targets,
        sum(case when is_control then 1 else 0 end) as controls,
        sum(case when not is_control and contacts > 0 then 1 else 0 end) as contacted,
        sum(case when not is_control and answers > 0 then 1 else 0 end) as responded,
        sum(case when not is_control and acceptances > 0 then 1 else 0 end) as accepted,
        sum(case when not is_control then gain_amt end) as targets_gain_amt,
        sum(case when is_control then gain_amt end) as controls_gain_amt
    from line
    group by month_start, campaign_id
),

listed as (
    select
        campaign_id,
        offer_id,
        cost_amt,
        row_number() over (
            partition by campaign_id order by updated_at desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_campaign.activity
    where superseded_on is null
)

select
    counted.month_start,
    counted.campaign_id,
    coalesce(listed.offer_id, 'unknown') as offer_id,
    counted.targets,
    counted.controls,
    counted.contacted,
    counted.responded,
    counted.accepted,
    round(
        counted.targets_gain_amt - counted.controls_gain_amt * counted.targets / nullif(counted.controls, 0), 2
    ) as incremental_margin_amt,
    listed.cost_amt
from counted
left join listed on counted.campaign_id = listed.campaign_id and listed.place = 1
where last_day(counted.month_start) <= getvariable('as_of')
