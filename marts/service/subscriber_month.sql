/*
description: Tickets and contacts of each line by month; only lines with any, -1 for tickets whose line is unknown.
grain: [month_start, subscription_key, reason_group]
refresh: month
partition: month_start
keep: 60 months
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; -1 when unknown.
  reason_group: varchar - Reason, grouped.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed, null when the line was not known then.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  line_type: varchar - handset, data_card or m2m.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  tickets_opened: integer - Tickets opened in the month.
  tickets_closed: integer - Closings in the month; a ticket closed again counts again.
  tickets_closed_on_time: integer - Closings within the time allowed from opening.
  tickets_reopened: integer - Reopenings in the month.
  surveys_answered: integer - Closings with an answer to the survey.
  surveys_satisfied: integer - Of these, with an answer that counts as satisfied.
  contacts_judged: integer - Contacts whose days for a repeat ended in the month, opened up to seven days before it.
  contacts_resolved: integer - Of these, not followed by another one for the same reason within the days.
  contacts_repeat: integer - Of these, that were themselves a repeat of an earlier one.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - tickets_closed_on_time <= tickets_closed
  - surveys_satisfied <= surveys_answered
  - contacts_resolved <= contacts_judged and contacts_repeat <= contacts_judged
*/
with

happened as (
    select
        cast(date_trunc('month', day) as date) as month_start, subscription_key, reason_group,
        case when is_opened then 1 else 0 end as opened, case when is_closed then 1 else 0 end as closed,
        case when is_on_time then 1 else 0 end as on_time, case when is_reopened then 1 else 0 end as reopened,
        case when is_satisfied is not null then 1 else 0 end as answered,
        case when is_satisfied then 1 else 0 end as satisfied,
        0 as judged, 0 as resolved, 0 as repeats
    from mart_service.ticket_day
    union all
    select
        cast(date_trunc('month', decided_on) as date) as month_start, subscription_key, reason_group,
        0 as opened, 0 as closed, 0 as on_time, 0 as reopened, 0 as answered, 0 as satisfied, 1 as judged,
        case when is_repeated then 0 else 1 end as resolved, case when is_repeat then 1 else 0 end as repeats
    from mart_service.contact
),

summed as (
    select
        month_start,
        subscription_key,
        reason_group,
        sum(opened) as tickets_opened,
        sum(closed) as tickets_closed,
        sum(on_time) as tickets_closed_on_time,
        sum(reopened) as tickets_reopened,
        sum(answered) as surveys_answered,
        sum(satisfied) as surveys_satisfied,
        sum(judged) as contacts_judged,
        sum(resolved) as contacts_resolved,
        sum(repeats) as contacts_repeat
    from happened
    group by month_start, subscription_key, reason_group
)

select
    summed.month_start,
    summed.subscription_key,
    summed.reason_group,
    coalesce(line.party_key, -1) as party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.line_type,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    summed.tickets_opened,
    summed.tickets_closed,
    summed.tickets_closed_on_time,
    summed.tickets_reopened,
    summed.surveys_answered,
    summed.surveys_satisfied,
    summed.contacts_judged,
    summed.contacts_resolved,
    summed.contacts_repeat,
    last_day(summed.month_start) <= getvariable('as_of') as is_closed
from summed
left join core.subscriber_day as line
    on
        line.day = least(last_day(summed.month_start), getvariable('as_of'))
        and summed.subscription_key = line.subscription_key
