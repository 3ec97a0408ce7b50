/*
description: How often each line was contacted by campaigns within the days before; only lines that were.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 3 months
public: true
requires: [stg_campaign.contact]
reads:
  stg_campaign.contact: 30 days
  mart_campaign.threshold: static
columns:
  day: date - Business day.
  subscription_key: bigint - Line in network that day.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  contacts: integer - Contacts attempted within the days, this one included.
  contacts_reached: integer - Of these, that reached somebody.
  campaigns: integer - Distinct campaigns they were for.
  last_contacted_on: date - Day of the last one.
  is_over_limit: boolean - More contacts than a line should have.
checks:
  - contacts >= 1 and contacts_reached <= contacts
*/
with

contact as (
    select
        contact_no,
        min(contacted_on) as contacted_on,
        min(subscription_key) as subscription_key,
        min(campaign_id) as campaign_id,
        bool_or(outcome_type = 'reached') as is_reached
    from stg_campaign.contact
    where superseded_on is null
    group by contact_no
)

select
    line.day,
    line.subscription_key,
    max(line.party_key) as party_key,
    count(*) as contacts,
    sum(case when contact.is_reached then 1 else 0 end) as contacts_reached,
    count(distinct contact.campaign_id) as campaigns,
    max(contact.contacted_on) as last_contacted_on,
    count(*) > max(threshold.pressure_limit) as is_over_limit
from core.subscriber_day as line
inner join contact on line.subscription_key = contact.subscription_key and line.day >= contact.contacted_on
cross join mart_campaign.threshold as threshold
where line.is_in_network and date_diff('day', contact.contacted_on, line.day) < threshold.pressure_days
group by line.day, line.subscription_key
