/*
description: Campaigns as last told.
grain: [campaign_id]
public: true
requires: [stg_campaign.activity]
columns:
  campaign_id: varchar - Campaign.
  campaign_name: varchar - Name.
  offer_id: varchar - Offer made; 'unknown' without one.
  channel_type: varchar - Channel used.
  starts_on: date - First day.
  ends_on: date - Last day; null while open.
  cost_amt: decimal(18,2) - Cost; told when the campaign ends, zero or null before.
  is_over: boolean - The last day is past.
watch:
  - ends_on is null or ends_on >= starts_on
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by campaign_id order by updated_at desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_campaign.activity
    where superseded_on is null
)

select
    campaign_id,
    campaign_name,
    coalesce(offer_id, 'unknown') as offer_id,
    channel_type,
    starts_on,
    ends_on,
    cost_amt,
    coalesce(ends_on <= getvariable('as_of'), false) as is_over
from listed
where place = 1
