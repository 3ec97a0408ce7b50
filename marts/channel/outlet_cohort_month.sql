/*
description: >-
  What is left of the lines that each outlet activated in a month, by month of their first year. A month of which history lacks the
  first day is left out.
grain: [month_start, outlet_id, activation_month]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads:
  mart_channel.outlet_cohort_month: 400 days
  core.plan_fee: static
  mart_channel.threshold: static
columns:
  month_start: date - First day of the month watched.
  outlet_id: varchar - Outlet that sold the lines, as known when the month closed; unknown when no source says.
  channel_type: varchar - Type of that outlet; unknown when it has none.
  activation_month: date - First day of the month in which the lines were activated.
  months_since: integer - Months between the two, 0 to 12.
  activated_lines: integer - Lines of the cohort, counted when its first month closed; null for a cohort older than history.
  alive_lines: integer - Of these, in network when the month closed.
  effective_lines: integer - Of those alive, used on enough days and paying enough in the month.
  zero_use_lines: integer - Of those alive, without any event in the month.
  arrears_lines: integer - Of those alive, whose account was overdue when the month closed.
  spend_amt: decimal(18,2) - Of those alive, monthly fees and rated charges, before any bill.
checks:
  - months_since between 0 and 12
  - effective_lines + zero_use_lines <= alive_lines
watch:
  - activated_lines is null or alive_lines <= activated_lines
*/
with

-- A month that began before history did would show its lines as hardly used.
whole_month as (
    select day as month_start
    from core.subscriber_day
    where day = date_trunc('month', day)
    group by day
),

line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        cast(date_trunc('month', first_activated_on) as date) as activation_month,
        *
    from core.subscriber_day
    where
        day = last_day(day)
        and pf_month_diff(first_activated_on, day) between 0 and 12
        and date_trunc('month', day) in (select whole_month.month_start from whole_month)
),

spent as (
    select
        line.month_start,
        coalesce(line.outlet_id, 'unknown') as outlet_id,
        coalesce(line.channel_type, 'unknown') as channel_type,
        line.activation_month,
        line.is_in_network,
        line.is_in_network and line.arrears_amt > 0 as is_in_arrears,
        coalesce(used.active_days, 0) as active_days,
        coalesce(plan.monthly_fee_amt, 0) + round(coalesce(used.charge_amt, 0), 2) as spend_amt
    from line
    left join mart_usage.subscriber_month as used
        on line.month_start = used.month_start and line.subscription_key = used.subscription_key
    left join core.plan_fee as plan
        on line.plan_id = plan.plan_id and line.day >= plan.in_force_from and line.day < plan.in_force_to
),

cohort as (
    select
        spent.month_start,
        spent.outlet_id,
        max(spent.channel_type) as channel_type,
        spent.activation_month,
        pf_month_diff(spent.activation_month, spent.month_start) as months_since,
        count(*) as lines,
        count(*) filter (where spent.is_in_network) as alive_lines,
        count(*) filter (
            where
            spent.is_in_network
            and spent.active_days >= threshold.effective_active_days
            and spent.spend_amt >= threshold.effective_spend_amt
            and spent.active_days > 0
        ) as effective_lines,
        count(*) filter (where spent.is_in_network and spent.active_days = 0) as zero_use_lines,
        count(*) filter (where spent.is_in_arrears) as arrears_lines,
        sum(case when spent.is_in_network then spent.spend_amt else 0 end) as spend_amt
    from spent
    cross join mart_channel.threshold as threshold
    group by spent.month_start, spent.outlet_id, spent.activation_month
),

-- The snapshot forgets a line ninety days after it left, so the size of a cohort is kept from its first month.
size as (
    select activation_month, outlet_id, lines as activated_lines from cohort
    where months_since = 0
    union
    select activation_month, outlet_id, activated_lines from mart_channel.outlet_cohort_month
    where months_since = 0
),

born as (
    select activation_month, outlet_id, max(activated_lines) as activated_lines
    from size
    group by activation_month, outlet_id
)

select
    cohort.month_start,
    cohort.outlet_id,
    cohort.channel_type,
    cohort.activation_month,
    cohort.months_since,
    born.activated_lines,
    cohort.alive_lines,
    cohort.effective_lines,
    cohort.zero_use_lines,
    cohort.arrears_lines,
    cohort.spend_amt
from cohort
left join born on cohort.activation_month = born.activation_month and cohort.outlet_id = born.outlet_id
