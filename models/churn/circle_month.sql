/*
description: With whose customers each line has contact up to T, and the enterprise that it belongs to.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
optional: {stg_enterprise.member: nobody is a member of an enterprise}
reads: {mart_mobility.contact_share_month: 31 days}
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  contact_events: bigint - Calls and messages of the month.
  competitor_contacts: bigint - Of these, with numbers of other mobile operators.
  competitor_share: decimal(7,6) - Share of these in those with mobile numbers; null without any.
  competitor_share_1: decimal(7,6) - The same the month before.
  competitor_share_change: decimal(8,6) - Their difference.
  fixed_contacts: bigint - With fixed networks.
  service_contacts: bigint - With short numbers.
  is_member: boolean - Belonged to an enterprise when the month began.
  member_role_type: varchar - Role in it; null else.
  is_unified_payment: boolean - The enterprise pays; null else.
*/
with

share as (
    select
        month_start,
        subscription_key,
        sum(contacts) as contacts,
        sum(own_contacts) as own_contacts,
        sum(competitor_contacts) as competitor_contacts,
        sum(fixed_contacts) as fixed_contacts,
        sum(service_contacts) as service_contacts
    from mart_mobility.contact_share_month
    where subscription_key <> -1
    group by month_start, subscription_key
),

shared as (
    select
        *,
        round(pf_div(competitor_contacts, own_contacts + competitor_contacts), 6) as competitor_share
    from share
)

select
    line.month_start,
    line.subscription_key,
    coalesce(now.contacts, 0) as contact_events,
    coalesce(now.competitor_contacts, 0) as competitor_contacts,
    now.competitor_share,
    past.competitor_share as competitor_share_1,
    now.competitor_share - past.competitor_share as competitor_share_change,
    coalesce(now.fixed_contacts, 0) as fixed_contacts,
    coalesce(now.service_contacts, 0) as service_contacts,
    member.subscription_key is not null as is_member,
    member.role_type as member_role_type,
    member.is_unified_payment
from churn.line_month as line
left join shared as now on line.month_start = now.month_start and line.subscription_key = now.subscription_key
left join shared as past
    on line.month_start - interval 1 month = past.month_start and line.subscription_key = past.subscription_key
left join mart_enterprise.member_month as member
    on line.month_start = member.month_start and line.subscription_key = member.subscription_key
