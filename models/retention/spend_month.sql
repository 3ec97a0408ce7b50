/*
description: Campaigns meant to keep lines with what they cost and whom they kept, in the month in which their three months were over.
grain: [month_start, campaign_id]
refresh: month
partition: month_start
open_month: false
keep: 60 months
public: true
reads:
  mart_campaign.target_month: 92 days
  retention.threshold: static
columns:
  month_start: date - First day of the third month after that in which the list was frozen.
  campaign_id: varchar - Campaign.
  offer_id: varchar - Offer made.
  accepted: integer - Lines to be contacted that took the offer.
  retained_lines: integer - Of these, in network when the month closed; not an effect, some would have stayed without it.
  cost_amt: decimal(18,2) - Cost of the campaign; null when never told.
checks:
  - retained_lines <= accepted
*/
with

acceptance as (
    select
        campaign_id,
        subscription_key,
        cast(date_trunc('month', frozen_on) + interval 3 month as date) as month_start
    from mart_campaign.target_month
    where not is_control
    group by campaign_id, subscription_key, cast(date_trunc('month', frozen_on) + interval 3 month as date)
    having sum(acceptances) > 0
),

kept as (
    select
        acceptance.month_start,
        acceptance.campaign_id,
        count(*) as accepted,
        sum(case when line.is_in_network then 1 else 0 end) as retained_lines
    from acceptance
    left join core.subscriber_day as line
        on last_day(acceptance.month_start) = line.day and acceptance.subscription_key = line.subscription_key
    group by acceptance.month_start, acceptance.campaign_id
)

select
    campaign.month_start,
    campaign.campaign_id,
    campaign.offer_id,
    coalesce(kept.accepted, 0) as accepted,
    coalesce(kept.retained_lines, 0) as retained_lines,
    campaign.cost_amt
from mart_campaign.campaign_month as campaign
cross join retention.threshold as threshold
left join kept on campaign.month_start = kept.month_start and campaign.campaign_id = kept.campaign_id
where campaign.offer_id like threshold.retention_offer_pattern
