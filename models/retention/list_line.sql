/*
description: >-
  Lines of every list - to be contacted, or left alone by lot - at each day on which staying is judged, and whether they had
  stayed; what effects are measured on, and learners of whom contact moves.
grain: [list_type, list_id, horizon_days, subscription_key]
refresh: view
optional:
  churn.score_month: no lists of the model, and campaigns are stratified by value band only
  stg_campaign.activity: no campaigns
columns:
  month_start: date - First day of the month in which the list was frozen.
  list_type: varchar - model (retention.list_month) or campaign (a frozen list of the campaign system whose offer is meant to keep lines).
  list_id: varchar - Month of the list as in 202601, or campaign.
  horizon_days: integer - Days after the list was frozen at which staying is judged.
  subscription_key: bigint - Line, in network when the list was frozen.
  is_control: boolean - Left alone by lot.
  frozen_on: date - Business day at whose close the list was frozen.
  judged_on: date - Business day at whose close staying is judged.
  decile: integer - Decile of the churn probability then; null for lists that have none.
  value_band: varchar - low, mid, high or top.
  is_apart: boolean - On no other list of the type within the horizon before this one was frozen.
  has_stayed: boolean - In network when the judging day closed; null before it.
*/
with

listed as (
    select
        list.month_start,
        'model' as list_type,
        strftime(list.month_start, '%Y%m') as list_id,
        list.subscription_key,
        list.is_control,
        last_day(list.month_start) as frozen_on,
        list.decile,
        list.value_band
    from retention.list_month as list
    union all
    select
        cast(date_trunc('month', target.frozen_on) as date) as month_start,
        'campaign' as list_type,
        target.campaign_id as list_id,
        target.subscription_key,
        target.is_control,
        target.frozen_on,
        score.decile,
        case
            when target.revenue_before_amt < threshold.mid_value_amt then 'low'
            when target.revenue_before_amt < threshold.high_value_amt then 'mid'
            when target.revenue_before_amt < threshold.top_value_amt then 'high'
            else 'top'
        end as value_band
    from mart_campaign.target as target
    cross join retention.threshold as threshold
    inner join mart_campaign.campaign as campaign on target.campaign_id = campaign.campaign_id
    left join churn.score_month as score
        on
            target.subscription_key = score.subscription_key
            and score.month_start = date_trunc('month', target.frozen_on) - interval 1 month
    where target.was_in_network and campaign.offer_id like threshold.retention_offer_pattern
),

horizon as (
    select verify_days as horizon_days
    from retention.threshold
    union all
    select effect_days as horizon_days
    from retention.threshold
),

due as (
    select
        listed.*,
        horizon.horizon_days,
        coalesce(
            date_diff('day', lag(listed.frozen_on) over in_order, listed.frozen_on) >= horizon.horizon_days, true
        ) as is_apart,
        cast(listed.frozen_on + horizon.horizon_days * interval 1 day as date) as judged_on
    from listed
    cross join horizon
    window in_order as (
        partition by listed.list_type, horizon.horizon_days, listed.subscription_key
        order by listed.frozen_on, listed.list_id
    )
),

-- What a line was at the close of a day is what it was when the next day began.
judged as (
    select due.*, date.begins_at + interval 24 hours as judged_at
    from due
    left join core.dim_date as date on due.judged_on = date.day
),

known as (
    select
        judged.list_type,
        judged.list_id,
        judged.horizon_days,
        judged.subscription_key,
        bool_or(period.is_in_network) as has_stayed
    from judged
    inner join core.subscription_period as period
        on
            judged.subscription_key = period.subscription_key
            and judged.judged_at >= period.valid_from
            and judged.judged_at < period.valid_to
    group by judged.list_type, judged.list_id, judged.horizon_days, judged.subscription_key
)

select
    judged.month_start,
    judged.list_type,
    judged.list_id,
    judged.horizon_days,
    judged.subscription_key,
    judged.is_control,
    judged.frozen_on,
    judged.judged_on,
    judged.decile,
    judged.value_band,
    judged.is_apart,
    case when judged.judged_on <= getvariable('as_of') then coalesce(known.has_stayed, false) end as has_stayed
from judged
left join known
    on
        judged.list_type = known.list_type
        and judged.list_id = known.list_id
        and judged.horizon_days = known.horizon_days
        and judged.subscription_key = known.subscription_key
