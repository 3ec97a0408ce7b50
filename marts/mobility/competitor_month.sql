/*
description: >-
  The customers of each other mobile operator as the calls of own lines show them, by month - numbers seen, new, lost and
  come over. Whom nobody here calls is not seen.
grain: [month_start, other_operator]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
optional:
  stg_mnp.port_event: nobody is seen to come over
reads:
  mart_mobility.competitor_number_month: 184 days
  core.fct_port_event: 31 days
  mart_mobility.threshold: static
columns:
  month_start: date - First day of the month.
  other_operator: varchar - Operator; of a number not seen in the month, that of the last month in which it was.
  numbers: integer - Different numbers seen in the month.
  new_numbers: integer - Of these, those not seen in the six months before; null while fewer months are known.
  lost_numbers: integer - Numbers seen three months before and in no month since; null while fewer months are known.
  arrived_numbers: integer - Numbers seen in the six months before that were carried to this operator in the month.
  contacts: bigint - Calls and messages between own lines and these numbers.
  all_contacts: bigint - All calls and messages of own lines.
  contact_share: decimal(7,6) - Share of the contacts in all contacts.
  own_lines: bigint - Own numbers in contact, counted once per number of the operator.
  billed_lines: bigint - Of these, those of lines with a bill for the month.
  billed_lines_amt: decimal(18,2) - Billed to these lines; per line, what a customer of the operator may be worth.
  known_months: integer - Months before this one of which numbers are known, six at most.
checks:
  - new_numbers is null or new_numbers <= numbers
  - contacts <= all_contacts
*/
with

month as (
    select
        month_start,
        sum(contacts) as all_contacts
    from mart_mobility.contact_share_month
    group by month_start
),

-- Each number in each month for which its months before may matter, with the last of these.
seen as (
    select
        month.month_start,
        number.other_msisdn_key,
        max_by(number.other_operator, (number.month_start, number.other_operator)) as other_operator,
        max(number.month_start) as seen_month,
        max(case when number.month_start < month.month_start then number.month_start end) as seen_before_month,
        sum(case when number.month_start = month.month_start then number.contacts else 0 end) as contacts,
        sum(case when number.month_start = month.month_start then number.own_lines else 0 end) as own_lines,
        sum(case when number.month_start = month.month_start then number.billed_lines else 0 end) as billed_lines,
        sum(case when number.month_start = month.month_start then number.billed_lines_amt else 0 end)
            as billed_lines_amt
    from month
    cross join mart_mobility.threshold as threshold
    inner join mart_mobility.competitor_number_month as number
        on
            month.month_start >= number.month_start
            and pf_month_diff(number.month_start, month.month_start) <= threshold.new_months
    group by month.month_start, number.other_msisdn_key
),

known as (
    select
        month.month_start,
        count(distinct number.month_start) as known_months
    from month
    cross join mart_mobility.threshold as threshold
    inner join mart_mobility.competitor_number_month as number
        on
            month.month_start > number.month_start
            and pf_month_diff(number.month_start, month.month_start) <= threshold.new_months
    group by month.month_start
),

arrived as (
    select distinct
        cast(date_trunc('month', ported_on) as date) as month_start,
        msisdn_key
    from core.fct_port_event
    where direction_type = 'in' and status_type = 'done'
),

summed as (
    select
        seen.month_start,
        seen.other_operator,
        count(*) filter (where seen.seen_month = seen.month_start) as numbers,
        count(*) filter (where seen.seen_before_month is null) as new_numbers,
        count(*) filter (
            where pf_month_diff(seen.seen_month, seen.month_start) = threshold.lost_months
        ) as lost_numbers,
        count(arrived.msisdn_key) filter (where seen.seen_before_month is not null) as arrived_numbers,
        sum(seen.contacts) as contacts,
        sum(seen.own_lines) as own_lines,
        sum(seen.billed_lines) as billed_lines,
        sum(seen.billed_lines_amt) as billed_lines_amt
    from seen
    cross join mart_mobility.threshold as threshold
    left join arrived on seen.month_start = arrived.month_start and seen.other_msisdn_key = arrived.msisdn_key
    group by seen.month_start, seen.other_operator
)

select
    summed.month_start,
    summed.other_operator,
    summed.numbers,
    case when known.known_months >= threshold.new_months then summed.new_numbers end as new_numbers,
    case when known.known_months >= threshold.lost_months then summed.lost_numbers end as lost_numbers,
    summed.arrived_numbers,
    summed.contacts,
    month.all_contacts,
    round(pf_div(summed.contacts, month.all_contacts), 6) as contact_share,
    summed.own_lines,
    summed.billed_lines,
    summed.billed_lines_amt,
    coalesce(known.known_months, 0) as known_months
from summed
inner join month on summed.month_start = month.month_start
cross join mart_mobility.threshold as threshold
left join known on summed.month_start = known.month_start
