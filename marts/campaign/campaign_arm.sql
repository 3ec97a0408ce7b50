/*
description: What became of the two arms of each campaign - lines to be contacted and lines left alone - by each horizon.
grain: [campaign_id, horizon_days, is_control]
public: true
columns:
  campaign_id: varchar - Campaign.
  horizon_days: integer - Days after the list was frozen at which staying is judged.
  is_control: boolean - The arm that was left alone.
  targets: integer - Lines of the arm on the list.
  compared: integer - Of these, in network when the list was frozen; what follows is of these.
  contacted: integer - Lines that a contact was attempted with.
  reached: integer - Lines that a contact reached.
  answered: integer - Lines that answered.
  accepted: integer - Lines that took the offer.
  stayed: integer - Lines in network at the horizon; null before then.
  revenue_before_amt: decimal(38,6) - Sum of the mean monthly revenues of the three months before.
  revenue_after_amt: decimal(38,6) - Sum of the mean monthly revenues from the campaign's month to the horizon; null before then.
  margin_amt: decimal(38,6) - Margin from the campaign's month to the horizon; null before then or without finance.
  gain_amt: decimal(38,6) - Margin less what the same months would bring at the revenue before; null before then or without finance.
  gain_square: decimal(38,6) - Sum of the squares of the lines' gains, for the error of their mean.
checks:
  - compared <= targets and contacted <= compared and accepted <= answered
  - stayed is null or stayed <= compared
*/
with

horizon as (
    select short_horizon_days as horizon_days, true as is_short
    from mart_campaign.threshold
    union all
    select long_horizon_days as horizon_days, false as is_short
    from mart_campaign.threshold
),

-- A month counts while its thirtieth of the horizon is not over: two months for 60 days, three for 90.
earned as (
    select
        target_margin.campaign_id,
        target_margin.subscription_key,
        horizon.horizon_days,
        sum(target_margin.revenue_amt) as revenue_amt,
        count(*) as months,
        case when count(target_margin.margin_amt) = count(*) then sum(target_margin.margin_amt) end as margin_amt
    from mart_campaign.target_margin
    inner join horizon on target_margin.months_since * 30 < horizon.horizon_days
    group by target_margin.campaign_id, target_margin.subscription_key, horizon.horizon_days
),

judged as (
    select
        target.*,
        horizon.horizon_days,
        case when horizon.is_short then target.is_in_network_short else target.is_in_network_long end as has_stayed,
        cast(round(earned.revenue_amt / nullif(earned.months, 0), 6) as decimal(18, 6)) as revenue_after_amt,
        earned.margin_amt,
        cast(round(earned.margin_amt - earned.months * target.revenue_before_amt, 3) as decimal(18, 3)) as gain_amt
    from mart_campaign.target
    cross join horizon
    left join earned
        on
            target.campaign_id = earned.campaign_id
            and target.subscription_key = earned.subscription_key
            and horizon.horizon_days = earned.horizon_days
)

select
    campaign_id,
    horizon_days,
    is_control,
    count(*) as targets,
    sum(case when was_in_network then 1 else 0 end) as compared,
    sum(case when was_in_network and is_contacted then 1 else 0 end) as contacted,
    sum(case when was_in_network and is_reached then 1 else 0 end) as reached,
    sum(case when was_in_network and is_answered then 1 else 0 end) as answered,
    sum(case when was_in_network and is_accepted then 1 else 0 end) as accepted,
    sum(case when was_in_network and has_stayed is not null then case when has_stayed then 1 else 0 end end) as stayed,
    sum(case when was_in_network then revenue_before_amt else 0 end) as revenue_before_amt,
    sum(case when was_in_network and has_stayed is not null then revenue_after_amt end) as revenue_after_amt,
    sum(case when was_in_network and has_stayed is not null then margin_amt end) as margin_amt,
    sum(case when was_in_network and has_stayed is not null then gain_amt end) as gain_amt,
    sum(case when was_in_network and has_stayed is not null then gain_amt * gain_amt end) as gain_square
from judged
group by campaign_id, horizon_days, is_control
