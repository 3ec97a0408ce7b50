/*
description: Lines on the frozen list of each campaign - contacted or left alone, answered or not, and still in network afterwards.
grain: [campaign_id, subscription_key]
public: true
columns:
  campaign_id: varchar - Campaign.
  subscription_key: bigint - Line on the list.
  is_control: boolean - Left alone by lot, for comparison.
  frozen_on: date - Day on which the list was frozen.
  is_contacted: boolean - A contact was attempted in the month of the campaign or the three after.
  is_reached: boolean - A contact reached somebody.
  is_answered: boolean - Somebody answered, also without a contact.
  is_accepted: boolean - The offer was taken.
  was_in_network: boolean - In network when the day closed on which the list was frozen; only these are compared.
  is_in_network_short: boolean - In network the short horizon later, at the close of that day; null before then.
  is_in_network_long: boolean - In network the long horizon later; null before then.
  revenue_before_amt: decimal(18,6) - Mean monthly revenue of the three months before.
*/
with

summed as (
    select
        campaign_id,
        subscription_key,
        bool_or(is_control) as is_control,
        min(frozen_on) as frozen_on,
        sum(contacts) as contacts,
        sum(contacts_reached) as reached,
        sum(answers) as answers,
        sum(acceptances) as acceptances,
        max(revenue_before_amt) as revenue_before_amt
    from mart_campaign.target_month
    group by campaign_id, subscription_key
),

moment as (
    select 0 as horizon_no, 0 as horizon_days
    union all
    select 1 as horizon_no, short_horizon_days as horizon_days
    from mart_campaign.threshold
    union all
    select 2 as horizon_no, long_horizon_days as horizon_days
    from mart_campaign.threshold
),

judged as (
    select
        summed.campaign_id,
        summed.subscription_key,
        moment.horizon_no,
        cast(summed.frozen_on + moment.horizon_days * interval 1 day as date) as judged_on
    from summed
    cross join moment
),

-- What a line was at the close of a day is what it was when the next day began.
known as (
    select
        judged.campaign_id,
        judged.subscription_key,
        bool_or(judged.horizon_no = 0 and period.is_in_network) as was_in_network,
        bool_or(judged.horizon_no = 1 and period.is_in_network) as is_in_network_short,
        bool_or(judged.horizon_no = 2 and period.is_in_network) as is_in_network_long,
        max(case when judged.horizon_no = 1 then judged.judged_on end) as short_on,
        max(case when judged.horizon_no = 2 then judged.judged_on end) as long_on
    from judged
    left join core.dim_date as date on judged.judged_on = date.day
    left join core.subscription_period as period
        on
            judged.subscription_key = period.subscription_key
            and date.begins_at + interval 24 hours >= period.valid_from
            and date.begins_at + interval 24 hours < period.valid_to
    group by judged.campaign_id, judged.subscription_key
)

select
    summed.campaign_id,
    summed.subscription_key,
    summed.is_control,
    summed.frozen_on,
    summed.contacts > 0 as is_contacted,
    summed.reached > 0 as is_reached,
    summed.answers > 0 as is_answered,
    summed.acceptances > 0 as is_accepted,
    known.was_in_network,
    case when known.short_on <= getvariable('as_of') then known.is_in_network_short end as is_in_network_short,
    case when known.long_on <= getvariable('as_of') then known.is_in_network_long end as is_in_network_long,
    summed.revenue_before_amt
from summed
inner join known on summed.campaign_id = known.campaign_id and summed.subscription_key = known.subscription_key
