/*
description: >-
  Where lines that left in the month before went - the clearing house tells of ports; of others, former contacts may, who take up
  contact with one and the same new number of a competitor.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
optional: {stg_mnp.port_event: only contacts tell}
reads:
  mart_mobility.lost_line: 62 days
  churn.contact_month: 123 days
  churn.number_month: 31 days
  churn.threshold: static
columns:
  month_start: date - First day of the month that shows it, the one after the line left.
  subscription_key: bigint - Line that left.
  left_on: date - Day on which it left.
  churn_type: varchar - voluntary, involuntary, port_out or UNK.
  circle: integer - Own lines that had contact with it in the two months before it left.
  destination_operator: varchar - Operator it went to; null when nothing tells.
  evidence: varchar - clearing_house, contacts, or none.
  moved_contacts: integer - Own lines of the circle that took up contact with the new number; null without one.
  moved_share: decimal(9,6) - The same over the circle.
checks:
  - (destination_operator is null) = (evidence = 'none')
  - moved_contacts is null or moved_contacts <= circle
*/
with

lost as (
    select
        cast(date_trunc('month', day) + interval 1 month as date) as month_start,
        cast(date_trunc('month', day) as date) as lost_month,
        subscription_key,
        day as left_on,
        churn_type,
        destination_operator,
        row_number() over (partition by date_trunc('month', day), subscription_key order by day desc) as place
    from mart_mobility.lost_line
),

-- The circle from the records of the lost line: own lines, by the numbers they hold.
circle as (
    select distinct
        lost.month_start,
        lost.lost_month,
        lost.subscription_key,
        number.holder_key
    from lost
    inner join churn.contact_month as contact
        on
            lost.subscription_key = contact.subscription_key
            and lost.lost_month > contact.month_start
            and lost.lost_month <= contact.month_start + interval 2 month
    inner join churn.number_month as number
        on lost.lost_month = number.month_start and contact.other_msisdn_key = number.msisdn_key
    where lost.place = 1 and number.lost_days is null
),

sized as (
    select month_start, subscription_key, count(*) as circle
    from circle
    group by month_start, subscription_key
),

-- Numbers of competitors that the circle has contact with since, and had none with before.
taken_up as (
    select
        circle.month_start,
        circle.subscription_key,
        circle.holder_key,
        contact.other_msisdn_key,
        max(contact.other_operator) as other_operator
    from circle
    inner join churn.contact_month as contact
        on
            circle.holder_key = contact.subscription_key
            and circle.lost_month - interval 2 month <= contact.month_start
            and circle.month_start >= contact.month_start
    where contact.is_competitor
    group by circle.month_start, circle.lost_month, circle.subscription_key, circle.holder_key, contact.other_msisdn_key
    having min(contact.month_start) >= circle.lost_month
),

ranked as (
    select
        taken_up.month_start,
        taken_up.subscription_key,
        max(taken_up.other_operator) as other_operator,
        count(*) as moved_contacts,
        row_number() over (
            partition by taken_up.month_start, taken_up.subscription_key
            order by count(*) desc, taken_up.other_msisdn_key asc
        ) as place
    from taken_up
    group by taken_up.month_start, taken_up.subscription_key, taken_up.other_msisdn_key
),

found as (
    select
        ranked.month_start,
        ranked.subscription_key,
        ranked.other_operator,
        ranked.moved_contacts
    from ranked
    inner join sized on ranked.month_start = sized.month_start and ranked.subscription_key = sized.subscription_key
    cross join churn.threshold as threshold
    where
        ranked.place = 1
        and ranked.moved_contacts >= threshold.destination_contacts
        and ranked.moved_contacts >= threshold.destination_share * sized.circle
)

select
    lost.month_start,
    lost.subscription_key,
    lost.left_on,
    lost.churn_type,
    coalesce(sized.circle, 0) as circle,
    coalesce(lost.destination_operator, found.other_operator) as destination_operator,
    case
        when lost.destination_operator is not null then 'clearing_house'
        when found.other_operator is not null then 'contacts'
        else 'none'
    end as evidence,
    found.moved_contacts,
    round(pf_div(found.moved_contacts, sized.circle), 6) as moved_share
from lost
left join sized on lost.month_start = sized.month_start and lost.subscription_key = sized.subscription_key
left join found on lost.month_start = found.month_start and lost.subscription_key = found.subscription_key
where lost.place = 1 and last_day(lost.month_start) <= getvariable('as_of')
