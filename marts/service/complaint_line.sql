/*
description: >-
  Lines in network when a month opened that had complained in the days before, by their worst complaint - unresolved
  before resolved, then the latest - and whether they left in the month.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads:
  mart_service.ticket_day: 92 days
  mart_service.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription, of the commercial population.
  ticket_no: varchar - The complaint.
  reason_group: varchar - Its reason.
  resolution_type: varchar - resolved, or unresolved (open or ended so when the month opened).
  has_left: boolean - Out of network when the month closed.
*/
with

line as (
    select
        month_start,
        subscription_key,
        bool_or(movement_type = 'churn' and is_in_opening_base) as has_left
    from mart_customer.subscriber_movement_month
    where movement_type in ('opening', 'churn') and is_commercial and is_opening_known
    group by month_start, subscription_key
    having bool_or(movement_type = 'opening')
),

opened_month as (
    select month_start from line
    group by month_start
),

ticket as (
    select
        opened_month.month_start,
        told.subscription_key,
        told.ticket_no,
        told.reason_group,
        told.opened_at,
        case when told.result_type = 'resolved' then 'resolved' else 'unresolved' end as resolution_type,
        row_number() over (partition by opened_month.month_start, told.ticket_no order by told.day desc) as place
    from mart_service.ticket_day as told
    cross join mart_service.threshold as threshold
    inner join opened_month
        on told.day < opened_month.month_start and told.day >= opened_month.month_start - threshold.complaint_days
    where told.subscription_key <> -1
),

complaint as (
    select
        *,
        row_number() over (
            partition by month_start, subscription_key order by resolution_type desc, opened_at desc, ticket_no asc
        ) as rank_no
    from ticket
    where place = 1
)

select
    line.month_start,
    line.subscription_key,
    complaint.ticket_no,
    complaint.reason_group,
    complaint.resolution_type,
    line.has_left
from line
inner join complaint
    on
        line.month_start = complaint.month_start
        and line.subscription_key = complaint.subscription_key
        and complaint.rank_no = 1
