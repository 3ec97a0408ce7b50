/*
description: Lines that left the network by day, and the operator that their number went to where the clearing house tells.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 60 months
scope: subscription_key
public: true
optional:
  stg_mnp.port_event: nobody's destination is known
  stg_mnp.enquiry: no enquiries before leaving
reads:
  core.fct_port_event: 31 days
  core.fct_port_enquiry: 30 days
  mart_mobility.threshold: static
columns:
  day: date - Close that first knew the line out of the network.
  subscription_key: bigint - Line.
  msisdn_key: bigint - Its last number.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  pay_type: varchar - prepaid or postpaid.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  tenure_months: integer - Calendar months since the first activation.
  is_commercial: boolean - Belongs to the commercial population.
  churn_type: varchar - voluntary, involuntary (arrears, fraud) or port_out; UNK without a known reason.
  destination_operator: varchar - Operator that the number went to; null when nobody tells, so never to be guessed from.
  destination_evidence: varchar - clearing_house where a port of the number says so; none else.
  port_no: bigint - That port; null without one.
  ported_on: date - Business day of that port; null without one.
  enquired_on: date - Last enquiry for the line in the 30 days before; null without one.
checks:
  - (destination_operator is not null) = (destination_evidence = 'clearing_house')
watch:
  - churn_type <> 'port_out' or destination_operator is not null
*/
with

lost as (
    select *
    from core.subscriber_day
    where is_churn
),

-- The last word of the clearing house counts: a port that was taken back by then leads nowhere.
said as (
    select
        lost.day,
        lost.subscription_key,
        port.port_no,
        port.ported_on,
        port.other_operator,
        port.status_type,
        row_number() over (
            partition by lost.day, lost.subscription_key
            order by port.ported_at desc, port.port_no desc, port.status_type desc
        ) as place
    from lost
    inner join core.fct_port_event as port
        on lost.subscription_key = port.subscription_key and lost.day >= port.ported_on
    cross join mart_mobility.threshold as threshold
    where
        port.direction_type = 'out'
        and port.status_type in ('done', 'reversed')
        and port.ported_on >= lost.day - threshold.port_match_days
),

enquired as (
    select
        lost.day,
        lost.subscription_key,
        max(enquiry.enquired_on) as enquired_on
    from lost
    inner join core.fct_port_enquiry as enquiry
        on lost.subscription_key = enquiry.subscription_key and lost.day >= enquiry.enquired_on
    cross join mart_mobility.threshold as threshold
    where enquiry.enquired_on >= lost.day - threshold.enquiry_days
    group by lost.day, lost.subscription_key
)

select
    lost.day,
    lost.subscription_key,
    lost.msisdn_key,
    lost.party_key,
    lost.pay_type,
    lost.brand,
    lost.plan_id,
    lost.area_id,
    lost.channel_type,
    lost.segment_type,
    lost.tenure_months,
    lost.is_commercial,
    lost.churn_type,
    said.other_operator as destination_operator,
    case when said.other_operator is null then 'none' else 'clearing_house' end as destination_evidence,
    said.port_no,
    said.ported_on,
    enquired.enquired_on
from lost
left join said
    on
        lost.day = said.day
        and lost.subscription_key = said.subscription_key
        and said.place = 1
        and said.status_type = 'done'
left join enquired on lost.day = enquired.day and lost.subscription_key = enquired.subscription_key
