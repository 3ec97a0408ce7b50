/*
description: Groups that work together without being an enterprise of the operator, by month, with what they are worth.
grain: [month_start, group_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
public: true
columns:
  month_start: date - First day of the month whose contacts show the group.
  group_key: bigint - Group; its lowest line of the month, so another one when that line leaves.
  lines: integer - Lines of the group.
  registered_lines: integer - Of these, members of enterprises.
  links: integer - Pairs of its lines with contact on working days.
  possible_links: integer - Pairs that its lines could form.
  area_id: varchar - Area of most of its lines' customers; unknown when not told.
  parties: integer - Different customers behind its lines.
  contract_lines: integer - Lines bound by a contract that ends after the month.
  recharge_amt: decimal(18,2) - Recharged by its lines in the month.
  revenue_amt: decimal(18,2) - Billed to its lines for the month after discount; zero before the bills have arrived.
checks:
  - links between 1 and possible_links
*/
with

member as (
    select
        member.month_start,
        member.group_key,
        member.colleagues,
        member.lines,
        member.registered_lines,
        coalesce(line.area_id, 'unknown') as area_id,
        line.party_key,
        coalesce(line.is_contract_bound, false) as is_contract_bound,
        coalesce(money.recharge_amt, 0) as recharge_amt,
        coalesce(money.revenue_amt, 0) as revenue_amt
    from mart_enterprise.hidden_group_member_month as member
    left join core.subscriber_day as line
        on
            line.day = least(last_day(member.month_start), getvariable('as_of'))
            and member.subscription_key = line.subscription_key
    left join mart_revenue.subscriber_month as money
        on member.month_start = money.month_start and member.subscription_key = money.subscription_key
),

seat as (
    select
        month_start,
        group_key,
        area_id,
        row_number() over (partition by month_start, group_key order by count(*) desc, area_id) as place
    from member
    group by month_start, group_key, area_id
),

summed as (
    select
        month_start,
        group_key,
        max(lines) as lines,
        max(registered_lines) as registered_lines,
        sum(colleagues) as met,
        count(distinct party_key) as parties,
        count(*) filter (where is_contract_bound) as contract_lines,
        sum(recharge_amt) as recharge_amt,
        sum(revenue_amt) as revenue_amt
    from member
    group by month_start, group_key
)

select
    summed.month_start,
    summed.group_key,
    summed.lines,
    summed.registered_lines,
    round(summed.met / 2, 0) as links,
    round(summed.lines * (summed.lines - 1) / 2, 0) as possible_links,
    seat.area_id,
    summed.parties,
    summed.contract_lines,
    summed.recharge_amt,
    summed.revenue_amt
from summed
inner join seat on summed.month_start = seat.month_start and summed.group_key = seat.group_key and seat.place = 1
