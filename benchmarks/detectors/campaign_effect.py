"""Campaign effects against what contact really did: do the confidence intervals hold the true average effect?

The truth knows the intensity of leaving of every line and month, and by which share contact lowers it. From both
follows who would have stayed to the horizon with the campaign and without it; the mean difference over the lines to be
contacted is what the random controls estimate. Lines that left and came back within days are not told apart; they are
few.
"""

from pathlib import Path

import duckdb

from benchmarks.detectors.score import Score, beside_truth

# Base intensity per target and month from the campaign's on: what was recorded, with the relief taken back out. After a
# line left, its last intensity goes on, because the campaign might have kept it.
TRUE_EFFECT = """
create temp table true_effect as
with

target as (
    select campaign_id, line, is_control, effect, is_reached, acts_from, acts_to,
        cast(acts_from - interval 1 month as date) as begins_on
    from truth.treatment_effect
),

month as (
    select target.*, n, cast(begins_on + n * interval 1 month as date) as month_start
    from target, range(0, 4) as months(n)
),

intensity as (
    select month.*, n > 0 and is_reached as is_relieved,
        case when churn.hazard < 1 then -ln(1 - churn.hazard) end
            / case when n > 0 and is_reached then greatest(1 - effect, 0.01) else 1 end as recorded
    from month
    left join truth.churn as churn on churn.line = month.line and churn.month = month.month_start
),

base as (
    select *, last_value(recorded ignore nulls) over (
            partition by campaign_id, line order by n rows between unbounded preceding and current row) as intensity
    from intensity
),

horizon as (from (values (60), (90)) as horizons(horizon_days)),

weighted as (
    select base.*, horizon_days,
        greatest(0, least(1, date_diff('day', month_start, begins_on + horizon_days + 1)
            / date_diff('day', month_start, cast(month_start + interval 1 month as date)))) as share
    from base, horizon
),

stay as (
    select campaign_id, line, horizon_days, is_control, bool_or(n = 0 and recorded is not null) as was_there,
        exp(-sum(share * intensity)) as without_it,
        exp(-sum(share * intensity * case when is_relieved then 1 - effect else 1 end)) as with_it
    from weighted
    group by all
)

select campaign_id, horizon_days, avg(with_it - without_it) as difference
from stay
where was_there and not is_control
group by all
"""

POOLED_TRUTH = """
select offer_id, horizon_days,
    sum(difference * targets * controls / (targets + controls))
        / sum(targets * controls / (targets + controls)) as truth
from (
    select case when each.is_all then 'all' else effect.offer_id end as offer_id, effect.horizon_days, effect.targets,
        effect.controls, true_effect.difference
    from mart_campaign.campaign_effect as effect
    inner join true_effect using (campaign_id, horizon_days)
    cross join (values (true), (false)) as each (is_all)
    where effect.stayed_targets is not null and effect.targets > 1 and effect.controls > 1
)
group by all
"""


def scores(home: Path) -> list[Score]:
    """An interval that holds the truth is a hit; of single campaigns 95 in 100 should."""
    with beside_truth(home) as db:
        db.execute(TRUE_EFFECT)
        pooled = _covered(
            db,
            f"""select difference_low <= truth and truth <= difference_high
            from mart_campaign.offer_effect inner join ({POOLED_TRUTH}) using (offer_id, horizon_days)""",
        )
        single = _covered(
            db,
            """select difference_low <= true_effect.difference and true_effect.difference <= difference_high
            from mart_campaign.campaign_effect inner join true_effect using (campaign_id, horizon_days)
            where stayed_targets is not null and controls > 0""",
        )
    return [
        Score(f"{name}: intervals that hold the true effect", len(found), len(found), sum(found))
        for name, found in (("campaigns pooled", pooled), ("single campaigns", single))
    ]


def _covered(db: duckdb.DuckDBPyConnection, query: str) -> list[bool]:
    return [bool(row[0]) for row in db.execute(query).fetchall()]
