/*
description: The circle of each line up to T - how large, how faithful, how much of it is here, elsewhere, or has left.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
reads: {churn.contact_month: 92 days}
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  degree: integer - Numbers in the circle of the month.
  degree_out: integer - Of these, numbers called or written to.
  degree_in: integer - Of these, numbers that called or wrote.
  degree_mutual: integer - Of these, both.
  on_net_degree: integer - Of these, lines of this operator in the network at T.
  on_net_weight_share: decimal(9,6) - Share of the calls and messages with these; null without any.
  competitor_degree: integer - Numbers of other mobile operators in the circle.
  competitor_weight_share: decimal(9,6) - Share of the calls and messages with these.
  degree_1: integer - Numbers in the circle of the month before.
  circle_likeness: decimal(9,6) - Numbers in both circles over numbers in either (Jaccard); null without any.
  contacts_gone: integer - Numbers of the month before that are not in this one's circle.
  contacts_new: integer - Numbers of this month that were in none of the three circles before.
  top_weight_share: decimal(9,6) - Share of the most frequent number; null without any.
  degree_4: integer - Numbers in the circles of this and the three months before.
  own_degree_4: integer - Of these, lines of this operator, at T or in the ninety days before.
  lost_30: integer - Of these, lines that left in the 30 days up to T.
  lost_60: integer - The same, 60 days.
  lost_90: integer - The same, 90 days.
  lost_30_share: decimal(9,6) - lost_30 over own_degree_4; null without any.
  lost_60_share: decimal(9,6) - The same, 60 days.
  lost_90_share: decimal(9,6) - The same, 90 days.
  lost_30_weight_share: decimal(9,6) - Share of the calls and messages with own lines in the four months that were with those lost in 30 days.
  lost_60_weight_share: decimal(9,6) - The same, 60 days.
  lost_90_weight_share: decimal(9,6) - The same, 90 days.
checks:
  - lost_30 <= lost_60 and lost_60 <= lost_90 and lost_90 <= own_degree_4
*/
with

-- Each line once per month whose circle counts at T: a join on equal months is spared all pairs of months.
circle as (
    select
        line.month_start,
        line.subscription_key,
        past.months as ago,
        cast(line.month_start - past.months * interval 1 month as date) as circle_month
    from churn.line_month as line
    cross join (values (0), (1), (2), (3)) as past (months)
),

-- Numbers by months are the most rows here, and sums are 128 bits wide unless they are cast.
contact as (
    select
        circle.month_start,
        circle.subscription_key,
        contact.other_msisdn_key,
        bool_or(contact.is_competitor) as is_competitor,
        cast(sum(contact.made + contact.received) as integer) as weight_4,
        cast(sum(case when circle.ago = 0 then contact.made else 0 end) as integer) as made,
        cast(sum(case when circle.ago = 0 then contact.received else 0 end) as integer) as received,
        bool_or(circle.ago = 1) as was_there,
        max(circle.ago) = 0 as is_new
    from circle
    inner join churn.contact_month as contact
        on circle.circle_month = contact.month_start and circle.subscription_key = contact.subscription_key
    group by circle.month_start, circle.subscription_key, contact.other_msisdn_key
),

known as (
    select
        contact.*,
        contact.made + contact.received as weight,
        number.holder_key is not null as is_own,
        number.holder_key is not null and number.lost_days is null as is_here,
        number.lost_days
    from contact
    left join churn.number_month as number
        on contact.month_start = number.month_start and contact.other_msisdn_key = number.msisdn_key
),

summed as (
    select
        month_start,
        subscription_key,
        count(*) filter (where weight > 0) as degree,
        count(*) filter (where made > 0) as degree_out,
        count(*) filter (where received > 0) as degree_in,
        count(*) filter (where made > 0 and received > 0) as degree_mutual,
        count(*) filter (where weight > 0 and is_here) as on_net_degree,
        sum(case when is_here then weight else 0 end) as on_net_weight,
        count(*) filter (where weight > 0 and is_competitor) as competitor_degree,
        sum(case when is_competitor then weight else 0 end) as competitor_weight,
        sum(weight) as weight,
        max(weight) as top_weight,
        count(*) filter (where was_there) as degree_1,
        count(*) filter (where was_there and weight > 0) as kept,
        count(*) filter (where is_new) as contacts_new,
        count(*) as degree_4,
        count(*) filter (where is_own) as own_degree_4,
        count(*) filter (where lost_days < 30) as lost_30,
        count(*) filter (where lost_days < 60) as lost_60,
        count(*) filter (where lost_days < 90) as lost_90,
        sum(case when is_own then weight_4 else 0 end) as own_weight_4,
        sum(case when lost_days < 30 then weight_4 else 0 end) as lost_30_weight,
        sum(case when lost_days < 60 then weight_4 else 0 end) as lost_60_weight,
        sum(case when lost_days < 90 then weight_4 else 0 end) as lost_90_weight
    from known
    group by month_start, subscription_key
)

select
    line.month_start,
    line.subscription_key,
    coalesce(summed.degree, 0) as degree,
    coalesce(summed.degree_out, 0) as degree_out,
    coalesce(summed.degree_in, 0) as degree_in,
    coalesce(summed.degree_mutual, 0) as degree_mutual,
    coalesce(summed.on_net_degree, 0) as on_net_degree,
    round(pf_div(summed.on_net_weight, summed.weight), 6) as on_net_weight_share,
    coalesce(summed.competitor_degree, 0) as competitor_degree,
    round(pf_div(summed.competitor_weight, summed.weight), 6) as competitor_weight_share,
    coalesce(summed.degree_1, 0) as degree_1,
    round(pf_div(summed.kept, summed.degree + summed.degree_1 - summed.kept), 6) as circle_likeness,
    coalesce(summed.degree_1 - summed.kept, 0) as contacts_gone,
    coalesce(summed.contacts_new, 0) as contacts_new,
    round(pf_div(summed.top_weight, summed.weight), 6) as top_weight_share,
    coalesce(summed.degree_4, 0) as degree_4,
    coalesce(summed.own_degree_4, 0) as own_degree_4,
    coalesce(summed.lost_30, 0) as lost_30,
    coalesce(summed.lost_60, 0) as lost_60,
    coalesce(summed.lost_90, 0) as lost_90,
    round(pf_div(summed.lost_30, summed.own_degree_4), 6) as lost_30_share,
    round(pf_div(summed.lost_60, summed.own_degree_4), 6) as lost_60_share,
    round(pf_div(summed.lost_90, summed.own_degree_4), 6) as lost_90_share,
    round(pf_div(summed.lost_30_weight, summed.own_weight_4), 6) as lost_30_weight_share,
    round(pf_div(summed.lost_60_weight, summed.own_weight_4), 6) as lost_60_weight_share,
    round(pf_div(summed.lost_90_weight, summed.own_weight_4), 6) as lost_90_weight_share
from churn.line_month as line
left join summed on line.month_start = summed.month_start and line.subscription_key = summed.subscription_key
