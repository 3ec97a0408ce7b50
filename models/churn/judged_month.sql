/*
description: Scored lines whose outcome is known, in the month in which it could be known, with their place among those judged with them.
grain: [month_start, scored_month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
optional: {churn.score_month: nobody was scored}
reads:
  churn.definition: static
  churn.line_month: 200 days
  churn.score_month: 200 days
columns:
  month_start: date - First day of the month in which the outcome could be known.
  scored_month_start: date - First day of the month whose end is T.
  subscription_key: bigint - Subscription.
  definition: varchar - Definition by which it was judged, see churn.definition.
  probability: decimal(9,6) - Probability of leaving, as scored at T.
  has_left: boolean - It left as the definition says; who left before it could count is not here.
  place: integer - Place by probability among the lines of the same T and definition, 1 for the riskiest.
  is_top_decile: boolean - Among the riskiest tenth of them, rounded up.
  pay_type: varchar - prepaid or postpaid; attributes are those at T.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population; as all lines that are scored.
checks:
  - month_start > scored_month_start
  - place >= 1
*/
with

judged as (
    select
        outcome.known_month_start as month_start,
        outcome.month_start as scored_month_start,
        outcome.subscription_key,
        outcome.definition,
        score.probability,
        outcome.label as has_left,
        row_number() over (
            partition by outcome.known_month_start, outcome.month_start, outcome.definition
            order by score.probability desc, outcome.subscription_key asc
        ) as place,
        count(*) over (
            partition by outcome.known_month_start, outcome.month_start, outcome.definition
        ) as lines
    from churn.outcome_month as outcome
    inner join churn.definition as defined on outcome.definition = defined.definition
    inner join churn.score_month as score
        on outcome.month_start = score.month_start and outcome.subscription_key = score.subscription_key
    where outcome.label is not null and defined.event_type in ('exit', 'silence')
)

select
    judged.month_start,
    judged.scored_month_start,
    judged.subscription_key,
    judged.definition,
    judged.probability,
    judged.has_left,
    judged.place,
    10 * (judged.place - 1) < judged.lines as is_top_decile,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    true as is_commercial
from judged
inner join churn.line_month as line
    on judged.scored_month_start = line.month_start and judged.subscription_key = line.subscription_key
