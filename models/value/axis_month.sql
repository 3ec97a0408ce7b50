/*
description: >-
  Four scores of each commercial line in network, 0 to 100: loyalty, profit, potential, influence. Each is the share of lines
  that are below it, equal ones counted half; 50 is the middle of the base, not a half of anything.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads: {mart_service.subscriber_month: 366 days}
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  loyalty_score: decimal(5,2) - By tenure (a half), contract, convergent plan, and satisfaction told to care in twelve months.
  profit_score: decimal(5,2) - By margin of the last twelve months.
  potential_score: decimal(5,2) - By potential value.
  influence_score: decimal(5,2) - By influence - PageRank x neighbours of its own net x role in its group, see value.influence_month.
checks:
  - loyalty_score between 0 and 100 and profit_score between 0 and 100
  - potential_score between 0 and 100 and influence_score between 0 and 100
*/
with

survey as (
    select
        line.month_start,
        line.subscription_key,
        sum(service.surveys_answered) as answered,
        sum(service.surveys_satisfied) as satisfied
    from value.realised_month as line
    inner join mart_service.subscriber_month as service
        on
            line.subscription_key = service.subscription_key
            and line.month_start >= service.month_start
            and service.month_start > line.month_start - interval 12 month
    group by line.month_start, line.subscription_key
),

-- Tenure counts up to ten years; who never answered a survey stands between the satisfied and the others.
fact as (
    select
        line.month_start,
        line.subscription_key,
        round(
            0.5 * least(line.tenure_months, 120) / 120.0
            + case when line.is_contract_bound then 0.2 else 0 end
            + case when line.is_convergent then 0.15 else 0 end
            + 0.15 * coalesce(pf_div(survey.satisfied, survey.answered), 0.5), 6
        ) as loyalty,
        line.margin_12_amt as profit,
        worth.potential_amt as potential,
        coalesce(reach.influence, 0) as influence
    from value.realised_month as line
    inner join value.value_month as worth
        on line.month_start = worth.month_start and line.subscription_key = worth.subscription_key
    left join survey on line.month_start = survey.month_start and line.subscription_key = survey.subscription_key
    left join value.influence_month as reach
        on line.month_start = reach.month_start and line.subscription_key = reach.subscription_key
),

ranked as (
    select
        month_start,
        subscription_key,
        count(*) over (partition by month_start) as lines,
        rank() over (partition by month_start order by loyalty) as loyalty_rank,
        rank() over (partition by month_start order by loyalty desc) as loyalty_back,
        rank() over (partition by month_start order by profit) as profit_rank,
        rank() over (partition by month_start order by profit desc) as profit_back,
        rank() over (partition by month_start order by potential) as potential_rank,
        rank() over (partition by month_start order by potential desc) as potential_back,
        rank() over (partition by month_start order by influence) as influence_rank,
        rank() over (partition by month_start order by influence desc) as influence_back
    from fact
)

-- Of n lines, those below are rank - 1 and those above are back - 1: the middle between them, over n.
select
    month_start,
    subscription_key,
    round(50.0 * (lines + loyalty_rank - loyalty_back) / nullif(lines, 0), 2) as loyalty_score,
    round(50.0 * (lines + profit_rank - profit_back) / nullif(lines, 0), 2) as profit_score,
    round(50.0 * (lines + potential_rank - potential_back) / nullif(lines, 0), 2) as potential_score,
    round(50.0 * (lines + influence_rank - influence_back) / nullif(lines, 0), 2) as influence_score
from ranked
