/*
description: >-
  Influence of each line on others of this operator in a month - PageRank x neighbours of its own net x role in its group. Nothing
  says that the others would follow it; it orders lines, and shares out what neighbours are taken to be worth.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads: {value.threshold: static}
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  page_rank: decimal(12,3) - PageRank in the graph of calls and messages, relative to the mean of the month; from churn.graph_month.
  neighbours: integer - Lines of its circle that are in the network at the end of the month; from churn.neighbour_month.
  role_weight: decimal(9,4) - What its role in an enterprise adds; employee_weight for an employee, 1 for any other line.
  influence: decimal(18,6) - Product of the three; 0 for who has no neighbours.
  weighed_neighbours: decimal(18,6) - All neighbours of the month shared out by influence, so that they add up to as many as there are.
checks:
  - influence >= 0 and weighed_neighbours >= 0
  - role_weight > 0
*/
with

-- Families are known as they are today only, so a line's role in one is in no month. The graph goes back 14 months; influence of
-- months before that stays as it was, and is lost when they are built again.
line as (
    select
        graph.month_start,
        graph.subscription_key,
        graph.page_rank,
        neighbour.on_net_degree as neighbours,
        case when circle.member_role_type = 'employee' then threshold.employee_weight else 1 end as role_weight
    from churn.graph_month as graph
    cross join value.threshold as threshold
    inner join churn.neighbour_month as neighbour
        on graph.month_start = neighbour.month_start and graph.subscription_key = neighbour.subscription_key
    inner join churn.circle_month as circle
        on graph.month_start = circle.month_start and graph.subscription_key = circle.subscription_key
),

weighed as (
    select
        *,
        cast(page_rank * neighbours * role_weight as decimal(18, 6)) as influence
    from line
),

whole as (
    select
        month_start,
        sum(neighbours) as neighbours,
        sum(influence) as influence
    from weighed
    group by month_start
)

select
    weighed.month_start,
    weighed.subscription_key,
    weighed.page_rank,
    weighed.neighbours,
    weighed.role_weight,
    weighed.influence,
    coalesce(round(pf_div(weighed.influence * whole.neighbours, whole.influence), 6), 0) as weighed_neighbours
from weighed
inner join whole on weighed.month_start = whole.month_start
