/*
description: Complaints and other tickets of each line up to T, how they ended by then, and enquiries about leaving.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
optional: {stg_mnp.enquiry: nobody enquired}
reads:
  mart_service.ticket_day: 92 days
  core.fct_port_enquiry: 92 days
  churn.threshold: static
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  tickets_30: integer - Tickets opened in the 30 days up to T.
  tickets_90: integer - Tickets opened in the days that threshold complaint_days says.
  network_tickets_90: integer - Of these, about coverage.
  bill_tickets_90: integer - Of these, about bills.
  porting_tickets_90: integer - Of these, about taking the number along.
  unresolved_30: integer - Tickets of the last 30 days that were not resolved at T.
  unresolved_90: integer - The same of all these tickets.
  ended_unresolved_30: integer - Tickets opened in the last 31 days and closed by T with another result than resolved.
  reopened_90: integer - Reopenings in these days.
  dissatisfied_90: integer - Answers to the survey that do not count as satisfied.
  days_since_ticket: integer - Days since the last ticket was opened; null without one.
  days_since_unresolved: integer - Days since the last unresolved one was opened; null without one.
  last_reason_group: varchar - Reason of the last ticket; null without one.
  port_enquiries_30: integer - Enquiries about taking the number along, last 30 days.
  port_enquiries_90: integer - The same, last 90 days.
  days_since_enquiry: integer - Days since the last of these; null without one.
checks:
  - tickets_30 <= tickets_90 and unresolved_30 <= unresolved_90
*/
with

month as (
    select
        month_start,
        last_day(month_start) as ends_on
    from churn.line_month
    group by month_start
),

-- Every ticket as it stood at T: its last day that is not later.
touched as (
    select
        month.month_start,
        month.ends_on,
        ticket.subscription_key,
        ticket.ticket_no,
        ticket.reason_group,
        case when ticket.is_opened then ticket.day else cast(ticket.opened_at as date) end as opened_on,
        ticket.result_type,
        ticket.is_closed,
        case when ticket.is_reopened then 1 else 0 end as reopened,
        case when ticket.is_satisfied is not null and not ticket.is_satisfied then 1 else 0 end as dissatisfied,
        row_number() over (partition by month.month_start, ticket.ticket_no order by ticket.day desc) as place
    from mart_service.ticket_day as ticket
    cross join churn.threshold as threshold
    inner join month on ticket.day <= month.ends_on and ticket.day > month.ends_on - threshold.complaint_days
    where ticket.subscription_key <> -1
),

ticket as (
    select
        month_start,
        ends_on,
        subscription_key,
        ticket_no,
        min(opened_on) as opened_on,
        max(case when place = 1 then reason_group end) as reason_group,
        bool_or(place = 1 and result_type = 'resolved') as is_resolved,
        bool_or(place = 1 and result_type is not null and result_type <> 'resolved') as is_ended_otherwise,
        sum(reopened) as reopened,
        sum(dissatisfied) as dissatisfied
    from touched
    group by month_start, ends_on, subscription_key, ticket_no
),

summed as (
    select
        month_start,
        subscription_key,
        count(*) filter (where opened_on > ends_on - 30) as tickets_30,
        count(*) as tickets_90,
        count(*) filter (where reason_group = 'coverage') as network_tickets_90,
        count(*) filter (where reason_group = 'bill') as bill_tickets_90,
        count(*) filter (where reason_group = 'porting') as porting_tickets_90,
        count(*) filter (where not coalesce(is_resolved, false) and opened_on > ends_on - 30) as unresolved_30,
        count(*) filter (where not coalesce(is_resolved, false)) as unresolved_90,
        count(*) filter (where is_ended_otherwise and opened_on > ends_on - 31) as ended_unresolved_30,
        sum(reopened) as reopened_90,
        sum(dissatisfied) as dissatisfied_90,
        min(date_diff('day', opened_on, ends_on)) as days_since_ticket,
        min(case when not coalesce(is_resolved, false) then date_diff('day', opened_on, ends_on) end)
            as days_since_unresolved,
        max_by(reason_group, (opened_on, ticket_no)) as last_reason_group
    from ticket
    group by month_start, subscription_key
),

enquired as (
    select
        month.month_start,
        enquiry.subscription_key,
        count(*) filter (where enquiry.enquired_on > month.ends_on - 30) as port_enquiries_30,
        count(*) as port_enquiries_90,
        min(date_diff('day', enquiry.enquired_on, month.ends_on)) as days_since_enquiry
    from core.fct_port_enquiry as enquiry
    inner join month on enquiry.enquired_on <= month.ends_on and enquiry.enquired_on > month.ends_on - 90
    where enquiry.subscription_key <> -1
    group by month.month_start, enquiry.subscription_key
)

select
    line.month_start,
    line.subscription_key,
    coalesce(summed.tickets_30, 0) as tickets_30,
    coalesce(summed.tickets_90, 0) as tickets_90,
    coalesce(summed.network_tickets_90, 0) as network_tickets_90,
    coalesce(summed.bill_tickets_90, 0) as bill_tickets_90,
    coalesce(summed.porting_tickets_90, 0) as porting_tickets_90,
    coalesce(summed.unresolved_30, 0) as unresolved_30,
    coalesce(summed.unresolved_90, 0) as unresolved_90,
    coalesce(summed.ended_unresolved_30, 0) as ended_unresolved_30,
    coalesce(summed.reopened_90, 0) as reopened_90,
    coalesce(summed.dissatisfied_90, 0) as dissatisfied_90,
    summed.days_since_ticket,
    summed.days_since_unresolved,
    summed.last_reason_group,
    coalesce(enquired.port_enquiries_30, 0) as port_enquiries_30,
    coalesce(enquired.port_enquiries_90, 0) as port_enquiries_90,
    enquired.days_since_enquiry
from churn.line_month as line
left join summed on line.month_start = summed.month_start and line.subscription_key = summed.subscription_key
left join enquired on line.month_start = enquired.month_start and line.subscription_key = enquired.subscription_key
