/*
description: >-
  What each list changed - lines to be contacted against lines left alone by lot, whoever was reached in the end - with
  95 % confidence intervals, stratified by decile and value band, judged early and late; `all` pools the lists of the twelve
  months up to a month, of which a line counts once in a horizon.
grain: [month_start, list_type, list_id, horizon_days]
public: true
applies: models.retention.effect.apply
optional:
  churn.score_month: no lists of the model, and campaigns are stratified by value band only
  stg_campaign.activity: no campaigns
columns:
  month_start: date - First day of the month in which the list was frozen.
  list_type: varchar - model (retention.list_month) or campaign (a frozen list of the campaign system whose offer is meant to keep lines).
  list_id: varchar - Month of the list as in 202601, or campaign; all for the lists of the type in the twelve months up to this one.
  horizon_days: integer - Days after the list was frozen at which staying is judged; by the late one, other lists may have reached the controls.
  treated: bigint - Lines to be contacted, in network when the list was frozen.
  controls: bigint - Lines left alone, in network then.
  contacted_treated: bigint - Of the former, those that a contact was attempted with until staying was judged.
  contacted_controls: bigint - Controls that were contacted against the plan.
  accepted: bigint - Lines that took an offer; not an effect, some would have stayed without it.
  stayed_treated: bigint - Lines to be contacted that were in network at the judging day; null before it, as all that follows.
  stayed_controls: bigint - Controls in network then.
  compared_treated: bigint - Lines to be contacted in strata that have both arms; what follows is of these.
  compared_controls: bigint - Controls in these strata.
  strata: bigint - Strata compared.
  difference: decimal(9,6) - Share that stayed of lines to be contacted less that of controls, over strata; null without both arms.
  difference_low: decimal(9,6) - Lower end of its confidence interval.
  difference_high: decimal(9,6) - Upper end of its confidence interval.
  kept_share: decimal(18,6) - Difference by the share of controls that left - of those who would leave, the part that being on the list keeps; null when none left.
  kept_lines: decimal(18,2) - Difference times treated, the lines that the list kept as far as the difference tells.
checks:
  - difference is null or difference between difference_low and difference_high
  - compared_controls is null or compared_controls <= controls
watch:
  - list_type <> 'model' or contacted_controls = 0
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
),

touch as (
    select
        subscription_key,
        acted_on as touched_on,
        case when outcome_type = 'accepted' then 1 else 0 end as is_accepted
    from core.fct_task_event
    where action_type in ('contacted', 'offered') or outcome_type = 'accepted'
    union all
    select
        subscription_key,
        frozen_on as touched_on,
        case when is_accepted then 1 else 0 end as is_accepted
    from mart_campaign.target
    where is_contacted
),

touched as (
    select
        judged.list_type,
        judged.list_id,
        judged.horizon_days,
        judged.subscription_key,
        max(touch.is_accepted) as is_accepted
    from judged
    inner join touch
        on
            judged.subscription_key = touch.subscription_key
            and touch.touched_on between judged.frozen_on and judged.judged_on
    group by judged.list_type, judged.list_id, judged.horizon_days, judged.subscription_key
)

select
    judged.month_start,
    judged.list_type,
    judged.list_id,
    judged.horizon_days,
    judged.decile,
    judged.value_band,
    judged.is_control,
    judged.is_apart,
    count(*) as lines,
    count(touched.subscription_key) as contacted,
    coalesce(sum(touched.is_accepted), 0) as accepted,
    case
        when max(judged.judged_on) <= getvariable('as_of')
            then sum(case when coalesce(known.has_stayed, false) then 1 else 0 end)
    end as stayed
from judged
left join known
    on
        judged.list_type = known.list_type
        and judged.list_id = known.list_id
        and judged.horizon_days = known.horizon_days
        and judged.subscription_key = known.subscription_key
left join touched
    on
        judged.list_type = touched.list_type
        and judged.list_id = touched.list_id
        and judged.horizon_days = touched.horizon_days
        and judged.subscription_key = touched.subscription_key
group by
    judged.month_start,
    judged.list_type,
    judged.list_id,
    judged.horizon_days,
    judged.decile,
    judged.value_band,
    judged.is_control,
    judged.is_apart
