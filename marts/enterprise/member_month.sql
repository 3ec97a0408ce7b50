/*
description: >-
  Lines that belonged to an enterprise when the month began, as its workbook lists them, and what became of them in the
  month; those that left the network are kept apart from those that left the enterprise only. Who joins is a member from
  the next workbook on.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 60 months
scope: subscription_key
public: true
requires: [stg_enterprise.enterprise, stg_enterprise.member, mart_usage.subscriber_month, mart_revenue.subscriber_month]
reads:
  stg_enterprise.enterprise: 62 days
  stg_enterprise.member: 62 days
  core.bridge_enterprise_member: changes
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  enterprise_id: varchar - Enterprise; where several claim the line, as core.bridge_enterprise_member decides.
  claims: integer - Enterprises that claimed the line at the same time, at most.
  level_type: varchar - Level of the enterprise, A, B or C; null when not told.
  manager_name: varchar - Who looks after the enterprise; null when nobody does.
  role_type: varchar - employee, data_card or m2m as listed; null when not told.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  plan_id: varchar - Plan when the month closed.
  area_id: varchar - Area of the line's customer.
  is_commercial: boolean - Neither a test line nor of an enterprise that exists for tests only.
  joined_on: date - First day of the membership.
  loss_type: varchar - churned (left the network) or lost (left the enterprise, still in the network); null for who stays.
  lost_on: date - Close that first knew the line out of the network, or last day of the membership; null for who stays.
  churn_type: varchar - voluntary, involuntary or port_out, of a churned line; null else.
  is_unified_payment: boolean - The enterprise pays, by contract for all its members or for a line of its own record.
  active_days: integer - Days with use.
  billed_minutes: bigint - Minutes of calls made, each call rounded up.
  data_gb: decimal(18,6) - Bytes up and down in units of 1024 x 1024 x 1024.
  bill_items: integer - Items on the bill; zero before the bill has arrived.
  revenue_amt: decimal(18,2) - Billed after discount, without tax.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - (loss_type is null) = (lost_on is null)
  - churn_type is null or loss_type = 'churned'
watch:
  - claims = 1
*/
with

listed as (
    select distinct
        workbook.month_start,
        workbook.listed_on,
        member.subscription_key
    from core.enterprise_workbook_month as workbook
    inner join stg_enterprise.member as member on workbook.listed_on = member.snapshot_on
    where member.superseded_on is null
),

membership as (
    select
        listed.month_start,
        listed.listed_on,
        bridge.*,
        row_number() over (
            partition by listed.month_start, listed.subscription_key order by bridge.valid_from
        ) as place
    from listed
    inner join core.bridge_enterprise_member as bridge
        on
            listed.subscription_key = bridge.subscription_key
            and listed.listed_on >= bridge.valid_from
            and listed.month_start < bridge.valid_to
),

enterprise as (
    select
        *,
        row_number() over (
            partition by snapshot_on, enterprise_id order by known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_enterprise.enterprise
    where superseded_on is null
),

payer as (
    select month_start, enterprise_id
    from mart_enterprise.contract_month
    group by month_start, enterprise_id
    having bool_or(is_unified_payment)
),

-- A line that had left before the month is no member of it, whatever the workbook says.
line as (
    select
        *,
        cast(date_trunc('month', day) as date) as month_start
    from core.subscriber_day
    where
        day = least(last_day(day), getvariable('as_of'))
        and (is_in_network or (status_type = 'terminated' and status_known_on >= date_trunc('month', day)))
)

select
    membership.month_start,
    membership.subscription_key,
    membership.enterprise_id,
    membership.claims,
    enterprise.level_type,
    enterprise.manager_name,
    membership.role_type,
    coalesce(line.party_key, -1) as party_key,
    line.plan_id,
    line.area_id,
    coalesce(line.is_commercial, false) and not coalesce(enterprise.is_test, false) as is_commercial,
    membership.valid_from as joined_on,
    case
        when not line.is_in_network then 'churned'
        when membership.valid_to - 1 <= line.day then 'lost'
    end as loss_type,
    case
        when not line.is_in_network then line.status_known_on
        when membership.valid_to - 1 <= line.day then membership.valid_to - 1
    end as lost_on,
    case when not line.is_in_network then line.churn_type end as churn_type,
    payer.enterprise_id is not null or coalesce(line.customer_key = enterprise.customer_key, false)
        as is_unified_payment,
    coalesce(used.active_days, 0) as active_days,
    coalesce(used.billed_minutes, 0) as billed_minutes,
    coalesce(used.data_gb, 0) as data_gb,
    coalesce(money.bill_items, 0) as bill_items,
    coalesce(money.revenue_amt, 0) as revenue_amt,
    last_day(membership.month_start) <= getvariable('as_of') as is_closed
from membership
inner join line
    on membership.month_start = line.month_start and membership.subscription_key = line.subscription_key
left join enterprise
    on
        membership.listed_on = enterprise.snapshot_on
        and membership.enterprise_id = enterprise.enterprise_id
        and enterprise.place = 1
left join payer on membership.month_start = payer.month_start and membership.enterprise_id = payer.enterprise_id
left join mart_usage.subscriber_month as used
    on membership.month_start = used.month_start and membership.subscription_key = used.subscription_key
left join mart_revenue.subscriber_month as money
    on membership.month_start = money.month_start and membership.subscription_key = money.subscription_key
where membership.place = 1
