/*
description: >-
  The lines that can be contacted at all - in network, not for tests - and what speaks against it, as known now; limits are
  those of models/targeting/policy.yaml.
grain: [subscription_key]
public: true
columns:
  subscription_key: bigint - Line in network when the day closed, and not used for tests.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  has_consent: boolean - All records of the customer allow marketing contact; null when CRM never told of the customer.
  is_blacklisted: boolean - One of the customer's records is on the blacklist.
  open_complaints: integer - Complaints of the line that are not closed.
  active_campaigns: integer - Campaigns and frozen lists that are not over and have the line on their list, also left alone.
checks:
  - open_complaints >= 0 and active_campaigns >= 0
*/
with

complaint as (
    select
        subscription_key,
        count(*) as open_complaints
    from mart_service.ticket
    where is_open
    group by subscription_key
),

listed as (
    select
        target.subscription_key,
        target.campaign_id
    from mart_campaign.target as target
    inner join mart_campaign.campaign as campaign on target.campaign_id = campaign.campaign_id
    where not campaign.is_over
    union
    -- A list that the campaign system runs under its own name is there twice under one name.
    select
        member.subscription_key,
        member.list_id as campaign_id
    from core.target_list_member as member
    inner join core.target_list as list on member.list_id = list.list_id
    where list.ends_on > getvariable('as_of')
),

campaigned as (
    select
        subscription_key,
        count(*) as active_campaigns
    from listed
    group by subscription_key
)

select
    line.subscription_key,
    coalesce(line.party_key, -1) as party_key,
    party.has_consent,
    coalesce(party.is_blacklisted, false) as is_blacklisted,
    coalesce(complaint.open_complaints, 0) as open_complaints,
    coalesce(campaigned.active_campaigns, 0) as active_campaigns
from core.subscriber_day as line
left join core.dim_subscription as subscription on line.subscription_key = subscription.subscription_key
left join core.dim_party as party on subscription.party_key = party.party_key
left join complaint on line.subscription_key = complaint.subscription_key
left join campaigned on line.subscription_key = campaigned.subscription_key
where line.day = getvariable('as_of') and line.is_in_network and not line.is_test
