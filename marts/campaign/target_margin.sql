/*
description: Lines on frozen lists by month with what their use cost and what was left of their revenue.
grain: [month_start, campaign_id, subscription_key]
refresh: view
partition: month_start
scope: subscription_key
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  campaign_id: varchar - Campaign.
  subscription_key: bigint - Line on the list.
  is_control: boolean - Left alone by lot, for comparison.
  frozen_on: date - Day on which the list was frozen.
  months_since: integer - Months since the list was frozen, 0 to 3.
  contacts: integer - Contacts attempted in the month.
  answers: integer - Answers in the month.
  acceptances: integer - Answers that took the offer.
  revenue_amt: decimal(18,6) - Revenue of the month.
  revenue_before_amt: decimal(18,6) - Mean revenue of the three months before the campaign; null but in its own month.
  direct_cost_amt: decimal(18,6) - Direct cost of what the line used; null without finance.
  margin_amt: decimal(18,6) - Revenue less direct cost; null without finance.
*/
with

unit_cost as (
    select
        month_start,
        coalesce(max(case when service_type = 'voice' then unit_cost_amt end), 0) as second_amt,
        coalesce(max(case when service_type = 'sms' then unit_cost_amt end), 0) as message_amt,
        coalesce(max(case when service_type = 'data' then unit_cost_amt end), 0) as byte_amt
    from mart_campaign.service_cost_month
    group by month_start
),

costed as (
    select
        target.*,
        case
            when unit_cost.month_start is not null
                then
                    round(
                        target.voice_seconds * unit_cost.second_amt + target.messages * unit_cost.message_amt
                        + target.data_bytes * unit_cost.byte_amt, 6
                    )
        end as direct_cost_amt
    from mart_campaign.target_month as target
    left join unit_cost on target.month_start = unit_cost.month_start
)

select
    month_start,
    campaign_id,
    subscription_key,
    is_control,
    frozen_on,
    months_since,
    contacts,
    answers,
    acceptances,
    revenue_amt,
    revenue_before_amt,
    direct_cost_amt,
    revenue_amt - direct_cost_amt as margin_amt
from costed
