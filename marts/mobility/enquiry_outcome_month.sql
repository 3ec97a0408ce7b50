/*
description: >-
  What became of enquiries about leaving, in the month in which their 30 days ended; enquiries that follow another one of
  the line within 30 days belong to that one.
grain: [month_start, subscription_key, enquired_on]
refresh: month
partition: month_start
keep: 60 months
scope: subscription_key
public: true
requires: [stg_mnp.enquiry, stg_mnp.port_event]
reads:
  core.fct_port_enquiry: 61 days
  core.fct_port_event: 31 days
  mart_mobility.threshold: static
columns:
  month_start: date - First day of the month in which the days after the enquiry ended.
  subscription_key: bigint - Line.
  enquired_on: date - Day of the enquiry.
  decided_on: date - Last day on which a port counts as its outcome.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  first_channel_type: varchar - Channel of the enquiry; null when not told.
  has_ported: boolean - The number went to another operator in these days, and no reversal brought it back in them.
  ported_on: date - When it went; null else.
  other_operator: varchar - Where it went; null else.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - has_ported = (ported_on is not null)
  - ported_on is null or ported_on between enquired_on and decided_on
*/
with

enquiry as (
    select
        enquiry.subscription_key,
        enquiry.enquired_on,
        cast(enquiry.enquired_on + threshold.enquiry_days as date) as decided_on,
        enquiry.channel_type,
        lag(enquiry.enquired_on) over (
            partition by enquiry.subscription_key order by enquiry.enquired_at, enquiry.enquiry_no
        ) as enquired_before_on
    from core.fct_port_enquiry as enquiry
    cross join mart_mobility.threshold as threshold
    where enquiry.subscription_key <> -1
),

opened as (
    select
        enquiry.*,
        cast(date_trunc('month', enquiry.decided_on) as date) as month_start
    from enquiry
    cross join mart_mobility.threshold as threshold
    where
        enquiry.enquired_before_on is null
        or enquiry.enquired_before_on < enquiry.enquired_on - threshold.enquiry_days
),

outcome as (
    select
        opened.subscription_key,
        opened.enquired_on,
        port.ported_on,
        port.other_operator,
        port.status_type,
        row_number() over (
            partition by opened.subscription_key, opened.enquired_on
            order by port.ported_at desc, port.port_no desc, port.status_type desc
        ) as place
    from opened
    inner join core.fct_port_event as port
        on
            opened.subscription_key = port.subscription_key
            and port.ported_on between opened.enquired_on and opened.decided_on
    where port.direction_type = 'out' and port.status_type in ('done', 'reversed')
)

select
    opened.month_start,
    opened.subscription_key,
    opened.enquired_on,
    opened.decided_on,
    line.party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.area_id,
    line.channel_type,
    line.segment_type,
    line.is_commercial,
    opened.channel_type as first_channel_type,
    coalesce(outcome.status_type = 'done', false) as has_ported,
    case when outcome.status_type = 'done' then outcome.ported_on end as ported_on,
    case when outcome.status_type = 'done' then outcome.other_operator end as other_operator,
    last_day(opened.month_start) <= getvariable('as_of') as is_closed
from opened
inner join core.subscriber_day as line
    on
        line.day = least(last_day(opened.month_start), getvariable('as_of'))
        and opened.subscription_key = line.subscription_key
left join outcome
    on
        opened.subscription_key = outcome.subscription_key
        and opened.enquired_on = outcome.enquired_on
        and outcome.place = 1
where opened.decided_on <= getvariable('as_of')
