/*
description: What the campaigns of an offer changed together, each compared within itself; one campaign alone is mostly too small to tell.
grain: [offer_id, horizon_days]
public: true
columns:
  offer_id: varchar - Offer made; 'all' for all of them.
  horizon_days: integer - Days after the list was frozen at which staying is judged.
  campaigns: integer - Campaigns that reached the horizon, with targets and controls.
  targets: bigint - Their lines to be contacted.
  controls: bigint - Their lines left alone.
  stayed_targets: bigint - Targets in network at the horizon.
  stayed_controls: bigint - Controls in network at the horizon.
  difference: decimal(9,6) - Share of targets less share of controls that stayed, campaigns weighted by their size.
  difference_low: decimal(9,6) - Lower end of its confidence interval.
  difference_high: decimal(9,6) - Upper end of its confidence interval.
  incremental_stayed: decimal(18,2) - Lines kept; difference times targets.
  cost_amt: decimal(18,2) - Cost of the campaigns.
checks:
  - difference between difference_low and difference_high
*/
-- Weights of Mantel and Haenszel, n1 * n0 / (n1 + n0); normal interval with the binomial variance of each arm. Sums of
-- decimals, so that the result does not depend on the order of campaigns.
with

stratum as (
    select
        case when each.is_all then 'all' else effect.offer_id end as offer_id,
        effect.horizon_days,
        effect.targets,
        effect.controls,
        effect.stayed_targets,
        effect.stayed_controls,
        effect.cost_amt,
        pf_div(effect.stayed_targets, effect.targets) as p1,
        pf_div(effect.stayed_controls, effect.controls) as p0,
        pf_div(cast(effect.targets as bigint) * effect.controls, effect.targets + effect.controls) as weight
    from mart_campaign.campaign_effect as effect
    cross join (values (true), (false)) as each (is_all)
    where effect.stayed_targets is not null and effect.targets > 1 and effect.controls > 1
),

pooled as (
    select
        offer_id,
        horizon_days,
        count(*) as campaigns,
        sum(targets) as targets,
        sum(controls) as controls,
        sum(stayed_targets) as stayed_targets,
        sum(stayed_controls) as stayed_controls,
        sum(cost_amt) as cost_amt,
        sum(cast(round(weight, 9) as decimal(28, 9))) as weight,
        sum(cast(round(weight * (p1 - p0), 9) as decimal(28, 9))) as weighted,
        sum(
            cast(
                round(
                    weight
                    * weight
                    * (p1 * (1 - p1) / nullif(targets - 1, 0) + p0 * (1 - p0) / nullif(controls - 1, 0)),
                    9
                )
                as decimal(28, 9)
            )
        ) as spread
    from stratum
    group by offer_id, horizon_days
),

estimated as (
    select
        *,
        pf_div(weighted, weight) as difference,
        pf_div(sqrt(cast(spread as double)), weight) as standard_error
    from pooled
)

select
    estimated.offer_id,
    estimated.horizon_days,
    estimated.campaigns,
    estimated.targets,
    estimated.controls,
    estimated.stayed_targets,
    estimated.stayed_controls,
    round(estimated.difference, 6) as difference,
    round(estimated.difference - threshold.confidence_z * estimated.standard_error, 6) as difference_low,
    round(estimated.difference + threshold.confidence_z * estimated.standard_error, 6) as difference_high,
    round(estimated.difference * estimated.targets, 2) as incremental_stayed,
    estimated.cost_amt
from estimated
cross join mart_campaign.threshold as threshold
