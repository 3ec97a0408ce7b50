/*
description: Contacts that led to a ticket, judged once their days are over - whether the same customer came again for the same reason.
grain: [ticket_no]
refresh: day
partition: decided_on
keep: 26 months
public: true
reads:
  mart_service.ticket_day: 14 days
  core.dim_date: static
  mart_service.threshold: static
columns:
  decided_on: date - Day on which the days for a repeat are over; the contact appears then.
  ticket_no: varchar - Ticket that the contact led to.
  opened_on: date - Day of the contact.
  opened_at: timestamp - Moment of the contact, UTC.
  subscription_key: bigint - Line; -1 when unknown.
  party_key: bigint - Customer as resolved on the day of the contact; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those on the day of the contact, null when the line is unknown.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  reason_group: varchar - Reason, grouped.
  contact_type: varchar - Where the contact came in.
  is_repeat: boolean - The same customer had come for the same reason within the days before.
  is_repeated: boolean - The same customer came again for the same reason within the days after.
checks:
  - date_diff('day', opened_on, decided_on) between 0 and 7
*/
-- A contact of nobody known is compared with none: it is neither a repeat nor repeated.
with

opened as (
    select
        *,
        lag(opened_at) over in_order as before_at,
        lead(opened_at) over in_order as after_at
    from mart_service.ticket_day
    where is_opened
    window in_order as (partition by coalesce(caller, ticket_no), reason_group order by opened_at, ticket_no)
)

select
    date.day as decided_on,
    opened.ticket_no,
    opened.day as opened_on,
    opened.opened_at,
    opened.subscription_key,
    opened.party_key,
    opened.pay_type,
    opened.brand,
    opened.plan_id,
    opened.area_id,
    opened.channel_type,
    opened.segment_type,
    opened.is_commercial,
    opened.reason_group,
    opened.contact_type,
    coalesce(opened.before_at >= opened.opened_at - threshold.repeat_days * interval 1 day, false) as is_repeat,
    coalesce(opened.after_at <= opened.opened_at + threshold.repeat_days * interval 1 day, false) as is_repeated
from opened
cross join mart_service.threshold as threshold
inner join core.dim_date as date on opened.day + threshold.repeat_days = date.day
