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
        line.list_type,
        line.list_id,
        line.horizon_days,
        line.subscription_key,
        max(touch.is_accepted) as is_accepted
    from retention.list_line as line
    inner join touch
        on
            line.subscription_key = touch.subscription_key
            and touch.touched_on between line.frozen_on and line.judged_on
    group by line.list_type, line.list_id, line.horizon_days, line.subscription_key
)

select
    line.month_start,
    line.list_type,
    line.list_id,
    line.horizon_days,
    line.decile,
    line.value_band,
    line.is_control,
    line.is_apart,
    count(*) as lines,
    count(touched.subscription_key) as contacted,
    coalesce(sum(touched.is_accepted), 0) as accepted,
    case when bool_and(line.has_stayed is not null) then sum(case when line.has_stayed then 1 else 0 end) end as stayed
from retention.list_line as line
left join touched
    on
        line.list_type = touched.list_type
        and line.list_id = touched.list_id
        and line.horizon_days = touched.horizon_days
        and line.subscription_key = touched.subscription_key
group by
    line.month_start,
    line.list_type,
    line.list_id,
    line.horizon_days,
    line.decile,
    line.value_band,
    line.is_control,
    line.is_apart
