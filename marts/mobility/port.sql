/*
description: Decisions on carrying a number in or out, with the line, what preceded them and what they take back.
grain: [ported_on, port_no, status_type]
refresh: day
partition: ported_on
keep: 60 months
public: true
requires: [stg_mnp.port_event]
optional:
  stg_mnp.enquiry: no enquiries before ports
reads:
  core.fct_port_event: 62 days
  core.fct_port_enquiry: 30 days
  mart_mobility.threshold: static
columns:
  ported_on: date - Business day of the decision.
  port_no: bigint - Port as numbered by the clearing house.
  status_type: varchar - done, reversed (a done one is taken back) or rejected.
  direction_type: varchar - in or out.
  other_operator: varchar - Operator that the number came from or went to.
  msisdn_key: bigint - Number carried.
  subscription_key: bigint - Line that held the number until then (out) or from then on (in); -1 when none is known.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those of the line at the close, null when it was not known then.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  tenure_months: integer - Calendar months since the first activation.
  is_commercial: boolean - Belongs to the commercial population.
  requested_at: timestamp - When it was asked for, UTC; null when not told.
  ported_at: timestamp - When it was decided, UTC.
  enquired_on: date - Last enquiry for the number in the days before; null without one.
  reversed_port_no: bigint - Of a reversal, the done port of this number that it takes back; null else or when not found.
  reversed_on: date - Day of the port taken back.
checks:
  - reversed_port_no is null or status_type = 'reversed'
  - enquired_on is null or enquired_on <= ported_on
watch:
  - status_type <> 'reversed' or reversed_port_no is not null
*/
with

enquired as (
    select
        port.ported_on,
        port.port_no,
        port.status_type,
        max(enquiry.enquired_on) as enquired_on
    from core.fct_port_event as port
    inner join core.fct_port_enquiry as enquiry
        on port.msisdn_key = enquiry.msisdn_key and port.ported_at >= enquiry.enquired_at
    cross join mart_mobility.threshold as threshold
    where enquiry.enquired_on >= port.ported_on - threshold.enquiry_days
    group by port.ported_on, port.port_no, port.status_type
),

-- What is taken back is the last port of the number in the same direction with the same operator.
taken_back as (
    select
        reversal.ported_on,
        reversal.port_no,
        done.port_no as reversed_port_no,
        done.ported_on as reversed_on,
        row_number() over (
            partition by reversal.ported_on, reversal.port_no order by done.ported_at desc, done.port_no desc
        ) as place
    from core.fct_port_event as reversal
    inner join core.fct_port_event as done
        on
            reversal.msisdn_key = done.msisdn_key
            and reversal.direction_type = done.direction_type
            and reversal.other_operator = done.other_operator
            and reversal.ported_at >= done.ported_at
    cross join mart_mobility.threshold as threshold
    where
        reversal.status_type = 'reversed'
        and done.status_type = 'done'
        and done.ported_on >= reversal.ported_on - threshold.reversal_days
)

select
    port.ported_on,
    port.port_no,
    port.status_type,
    port.direction_type,
    port.other_operator,
    port.msisdn_key,
    port.subscription_key,
    coalesce(line.party_key, -1) as party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    line.tenure_months,
    coalesce(line.is_commercial, false) as is_commercial,
    port.requested_at,
    port.ported_at,
    enquired.enquired_on,
    taken_back.reversed_port_no,
    taken_back.reversed_on
from core.fct_port_event as port
left join core.subscriber_day as line
    on port.ported_on = line.day and port.subscription_key = line.subscription_key
left join enquired
    on
        port.ported_on = enquired.ported_on
        and port.port_no = enquired.port_no
        and port.status_type = enquired.status_type
left join taken_back
    on
        port.status_type = 'reversed'
        and port.ported_on = taken_back.ported_on
        and port.port_no = taken_back.port_no
        and taken_back.place = 1
where port.direction_type <> 'other'
