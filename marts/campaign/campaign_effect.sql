/*
description: >-
  What each campaign changed - lines to be contacted against lines left alone by lot, whoever was reached in the end - with
  95 % confidence intervals, margin, cost and return.
grain: [campaign_id, horizon_days]
public: true
columns:
  campaign_id: varchar - Campaign.
  horizon_days: integer - Days after the list was frozen at which staying is judged.
  offer_id: varchar - Offer made; 'unknown' without one.
  starts_on: date - First day; null when the campaign itself was never told.
  targets: integer - Lines on the list to be contacted, in network when it was frozen.
  controls: integer - Lines left alone, in network then.
  contacted: integer - Targets that a contact was attempted with.
  responded: integer - Targets that answered.
  accepted: integer - Targets that took the offer; not an effect, some would have without it.
  contacted_controls: integer - Controls that were contacted against the plan.
  stayed_targets: integer - Targets in network at the horizon; null before then, as all that follows.
  stayed_controls: integer - Controls in network at the horizon.
  difference: decimal(9,6) - Share of targets less share of controls that stayed; null without controls.
  difference_low: decimal(9,6) - Lower end of its confidence interval.
  difference_high: decimal(9,6) - Upper end of its confidence interval.
  incremental_stayed: decimal(18,2) - Lines that the campaign kept, as far as the difference tells; difference times targets.
  incremental_stayed_low: decimal(18,2) - Lower end of its confidence interval.
  incremental_stayed_high: decimal(18,2) - Upper end of its confidence interval.
  incremental_margin_amt: decimal(18,2) - Margin of the targets to the horizon beyond that of as many controls, both against their revenue before; null without finance.
  incremental_margin_low_amt: decimal(18,2) - Lower end of its confidence interval.
  incremental_margin_high_amt: decimal(18,2) - Upper end of its confidence interval.
  cost_amt: decimal(18,2) - Cost of the campaign; null when never told.
  net_gain_amt: decimal(18,2) - Incremental margin less cost.
  return_on_cost: decimal(18,4) - Net gain per cost; null without cost.
  return_on_cost_low: decimal(18,4) - Lower end of its confidence interval; the cost is known, so that of the margin decides.
  return_on_cost_high: decimal(18,4) - Upper end of its confidence interval.
  before_after_amt: decimal(18,2) - Mean monthly revenue per target after less before; NOT causal, whatever else changed is in it.
checks:
  - difference is null or difference between difference_low and difference_high
watch:
  - contacted_controls = 0
*/
-- Difference of two shares: Newcombe's hybrid of Wilson intervals (Statistics in Medicine 17, 1998, 873-890, method 10).
-- Difference of two means: normal, with the variances of both arms (Welch), of margins less the revenue before: the lot
-- makes both arms alike but for chance, and taking what was known before off each line takes most of that chance away.
with

arm as (
    select
        campaign_arm.*,
        threshold.confidence_z as z,
        pf_div(campaign_arm.stayed, campaign_arm.compared) as p,
        pf_div(campaign_arm.gain_amt, campaign_arm.compared) as mean_gain,
        pf_div(
            campaign_arm.gain_square
            - campaign_arm.compared * pow(pf_div(campaign_arm.gain_amt, campaign_arm.compared), 2),
            (campaign_arm.compared - 1) * campaign_arm.compared
        ) as mean_variance
    from mart_campaign.campaign_arm
    cross join mart_campaign.threshold as threshold
),

scored as (
    select
        *,
        pf_div(2 * stayed + z * z - z * sqrt(z * z + 4 * stayed * (1 - p)), 2 * (compared + z * z)) as p_low,
        pf_div(2 * stayed + z * z + z * sqrt(z * z + 4 * stayed * (1 - p)), 2 * (compared + z * z)) as p_high
    from arm
),

compared as (
    select
        target.*,
        control.compared as controls,
        control.contacted as contacted_controls,
        control.stayed as stayed_controls,
        target.p - control.p as difference,
        sqrt(pow(target.p - target.p_low, 2) + pow(control.p_high - control.p, 2)) as below,
        sqrt(pow(target.p_high - target.p, 2) + pow(control.p - control.p_low, 2)) as above,
        (target.mean_gain - control.mean_gain) * target.compared as gained_amt,
        sqrt(target.mean_variance + control.mean_variance) * target.compared * target.z as gained_error_amt
    from scored as target
    left join scored as control
        on
            target.campaign_id = control.campaign_id
            and target.horizon_days = control.horizon_days
            and control.is_control
    where not target.is_control
)

select
    compared.campaign_id,
    compared.horizon_days,
    coalesce(campaign.offer_id, 'unknown') as offer_id,
    campaign.starts_on,
    compared.compared as targets,
    coalesce(compared.controls, 0) as controls,
    compared.contacted,
    compared.answered as responded,
    compared.accepted,
    coalesce(compared.contacted_controls, 0) as contacted_controls,
    compared.stayed as stayed_targets,
    compared.stayed_controls,
    round(compared.difference, 6) as difference,
    round(compared.difference - compared.below, 6) as difference_low,
    round(compared.difference + compared.above, 6) as difference_high,
    round(compared.difference * compared.compared, 2) as incremental_stayed,
    round((compared.difference - compared.below) * compared.compared, 2) as incremental_stayed_low,
    round((compared.difference + compared.above) * compared.compared, 2) as incremental_stayed_high,
    round(compared.gained_amt, 2) as incremental_margin_amt,
    round(compared.gained_amt - compared.gained_error_amt, 2) as incremental_margin_low_amt,
    round(compared.gained_amt + compared.gained_error_amt, 2) as incremental_margin_high_amt,
    campaign.cost_amt,
    round(compared.gained_amt - campaign.cost_amt, 2) as net_gain_amt,
    round(pf_div(compared.gained_amt - campaign.cost_amt, campaign.cost_amt), 4) as return_on_cost,
    round(
        pf_div(compared.gained_amt - compared.gained_error_amt - campaign.cost_amt, campaign.cost_amt), 4
    ) as return_on_cost_low,
    round(
        pf_div(compared.gained_amt + compared.gained_error_amt - campaign.cost_amt, campaign.cost_amt), 4
    ) as return_on_cost_high,
    round(pf_div(compared.revenue_after_amt - compared.revenue_before_amt, compared.compared), 2) as before_after_amt
from compared
left join mart_campaign.campaign on compared.campaign_id = campaign.campaign_id
