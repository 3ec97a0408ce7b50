/*
description: Each enterprise by month - level, members and their losses, revenue by who pays, contracts and products.
grain: [month_start, enterprise_id]
refresh: month
partition: month_start
keep: 60 months
public: true
requires: [stg_enterprise.enterprise]
optional:
  stg_enterprise.contract: no information revenue and no products
reads:
  stg_enterprise.enterprise: 62 days
columns:
  month_start: date - First day of the month.
  enterprise_id: varchar - Enterprise.
  customer_key: bigint - Its customer record; null when the workbook names none.
  level_type: varchar - A, B or C; null when not told.
  level_type_before: varchar - Level in the workbook before; null when it was not listed there.
  industry_name: varchar - Industry; null when not told.
  manager_name: varchar - Who looks after it; null when nobody does.
  area_id: varchar - Area; null when not told.
  is_test: boolean - Exists for tests only.
  is_commercial: boolean - Does not exist for tests only.
  is_new: boolean - Not in the workbook before; null when none is known.
  is_in_service: boolean - Has a member in the network when the month closes, or a contract in force.
  members: integer - Lines that belonged to it when the month began.
  joined_members: integer - Of these, those that joined after the workbook before; null when none is known.
  churned_members: integer - Of the members, those that left the network in the month.
  lost_members: integer - Of the members, those that left the enterprise in the month and stayed in the network.
  employee_lines: integer - Members that are lines of those who work there.
  data_card_lines: integer - Members that are data cards of the enterprise.
  m2m_lines: integer - Members that are machines of the enterprise.
  active_members: integer - Members with use in the month.
  billed_minutes: bigint - Minutes of calls that members made, each call rounded up.
  data_gb: decimal(18,6) - Volume of the members.
  bill_items: integer - Items on the members' bills; zero before the bills have arrived.
  members_amt: decimal(18,2) - Billed to members after discount, without tax.
  unified_amt: decimal(18,2) - Of this, what the enterprise pays.
  personal_amt: decimal(18,2) - Of this, what members pay themselves.
  information_amt: decimal(18,2) - Monthly value of the contracts in force; a month that has begun counts whole.
  contracts: integer - Contracts in force.
  products_ordered: integer - Different products in them.
  products_visible: integer - Of these, those whose use the network shows; the M2M platform.
  products_used: integer - Of the visible ones, those that a member line used in the month.
  next_contract_end_on: date - First end of a contract in force after the month; null without one.
  listed_on: date - Day of the workbook.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - churned_members + lost_members <= members
  - members_amt = unified_amt + personal_amt
  - products_used <= products_visible and products_visible <= products_ordered
watch:
  - level_type is not null
*/
with

enterprise as (
    select
        *,
        row_number() over (
            partition by snapshot_on, enterprise_id order by known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_enterprise.enterprise
    where superseded_on is null
),

member as (
    select
        member.month_start,
        member.enterprise_id,
        count(*) as members,
        count(*) filter (where member.joined_on > workbook.previous_listed_on) as joined_members,
        count(*) filter (where member.loss_type = 'churned') as churned_members,
        count(*) filter (where member.loss_type = 'lost') as lost_members,
        count(*) filter (where member.role_type = 'employee') as employee_lines,
        count(*) filter (where member.role_type = 'data_card') as data_card_lines,
        count(*) filter (where member.role_type = 'm2m') as m2m_lines,
        count(*) filter (where member.active_days > 0) as active_members,
        count(*) filter (where member.role_type = 'm2m' and member.active_days > 0) as active_m2m_lines,
        sum(member.billed_minutes) as billed_minutes,
        sum(member.data_gb) as data_gb,
        sum(member.bill_items) as bill_items,
        sum(member.revenue_amt) as members_amt,
        sum(case when member.is_unified_payment then member.revenue_amt else 0 end) as unified_amt
    from mart_enterprise.member_month as member
    inner join core.enterprise_workbook_month as workbook on member.month_start = workbook.month_start
    group by member.month_start, member.enterprise_id
),

contract as (
    select
        month_start,
        enterprise_id,
        count(*) as contracts,
        count(distinct product_type) as products_ordered,
        count(distinct case when product_type = 'm2m_platform' then product_type end) as products_visible,
        sum(monthly_amt) as information_amt,
        min(case when not is_ending then ends_on end) as next_contract_end_on
    from mart_enterprise.contract_month
    group by month_start, enterprise_id
)

select
    workbook.month_start,
    enterprise.enterprise_id,
    enterprise.customer_key,
    enterprise.level_type,
    previous.level_type as level_type_before,
    enterprise.industry_name,
    enterprise.manager_name,
    enterprise.area_id,
    coalesce(enterprise.is_test, false) as is_test,
    not coalesce(enterprise.is_test, false) as is_commercial,
    case when workbook.previous_listed_on is not null then previous.enterprise_id is null end as is_new,
    coalesce(member.members > member.churned_members + member.lost_members, false) or contract.contracts is not null
        as is_in_service,
    coalesce(member.members, 0) as members,
    case when workbook.previous_listed_on is not null then coalesce(member.joined_members, 0) end as joined_members,
    coalesce(member.churned_members, 0) as churned_members,
    coalesce(member.lost_members, 0) as lost_members,
    coalesce(member.employee_lines, 0) as employee_lines,
    coalesce(member.data_card_lines, 0) as data_card_lines,
    coalesce(member.m2m_lines, 0) as m2m_lines,
    coalesce(member.active_members, 0) as active_members,
    coalesce(member.billed_minutes, 0) as billed_minutes,
    coalesce(member.data_gb, 0) as data_gb,
    coalesce(member.bill_items, 0) as bill_items,
    coalesce(member.members_amt, 0) as members_amt,
    coalesce(member.unified_amt, 0) as unified_amt,
    coalesce(member.members_amt - member.unified_amt, 0) as personal_amt,
    coalesce(contract.information_amt, 0) as information_amt,
    coalesce(contract.contracts, 0) as contracts,
    coalesce(contract.products_ordered, 0) as products_ordered,
    coalesce(contract.products_visible, 0) as products_visible,
    case when member.active_m2m_lines > 0 then coalesce(contract.products_visible, 0) else 0 end as products_used,
    contract.next_contract_end_on,
    workbook.listed_on,
    last_day(workbook.month_start) <= getvariable('as_of') as is_closed
from core.enterprise_workbook_month as workbook
inner join enterprise on workbook.listed_on = enterprise.snapshot_on and enterprise.place = 1
left join enterprise as previous
    on
        workbook.previous_listed_on = previous.snapshot_on
        and enterprise.enterprise_id = previous.enterprise_id
        and previous.place = 1
left join member on workbook.month_start = member.month_start and enterprise.enterprise_id = member.enterprise_id
left join contract on workbook.month_start = contract.month_start and enterprise.enterprise_id = contract.enterprise_id
