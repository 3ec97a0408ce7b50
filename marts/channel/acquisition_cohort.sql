/*
description: Quality of the lines that each outlet activated, one row per outlet and month of activation.
grain: [outlet_id, activation_month]
public: true
columns:
  outlet_id: varchar - Outlet that sold the lines; unknown when no source says.
  activation_month: date - First day of the month in which they were activated.
  activated_lines: integer - Lines activated, as counted when the month closed.
  alive_m1_lines: integer - In network one month later; null while that month is not over.
  alive_m3_lines: integer - In network three months later; null while that month is not over.
  alive_m6_lines: integer - In network six months later; null while that month is not over.
  alive_m12_lines: integer - In network twelve months later; null while that month is not over.
  effective_m1_lines: integer - Used on enough days and paying enough one month later.
  zero_use_m1_lines: integer - In network without any event one month later.
  arrears_m3_lines: integer - In network and overdue three months later.
  spend_m1_amt: decimal(18,2) - Spend of those in network one month later; divided by them it is their ARPU.
  spend_m3_amt: decimal(18,2) - Spend three months later.
  spend_m6_amt: decimal(18,2) - Spend six months later.
  spend_m12_amt: decimal(18,2) - Spend twelve months later.
  re_entry_lines: integer - Gross adds of the month at this outlet whose owner had left under another number; later months may still tell.
  survival_m3_share: decimal(9,4) - Lines in network three months later per line activated.
  effective_share: decimal(9,4) - Effective lines per line activated.
  re_entry_share: decimal(9,4) - Returns per line activated.
checks:
  - activated_lines > 0
watch:
  - re_entry_lines <= activated_lines
*/
with

watched as (
    select
        outlet_id,
        activation_month,
        max(activated_lines) as activated_lines,
        sum(case when months_since = 1 then alive_lines end) as alive_m1_lines,
        sum(case when months_since = 3 then alive_lines end) as alive_m3_lines,
        sum(case when months_since = 6 then alive_lines end) as alive_m6_lines,
        sum(case when months_since = 12 then alive_lines end) as alive_m12_lines,
        sum(case when months_since = 1 then effective_lines end) as effective_m1_lines,
        sum(case when months_since = 1 then zero_use_lines end) as zero_use_m1_lines,
        sum(case when months_since = 3 then arrears_lines end) as arrears_m3_lines,
        sum(case when months_since = 1 then spend_amt end) as spend_m1_amt,
        sum(case when months_since = 3 then spend_amt end) as spend_m3_amt,
        sum(case when months_since = 6 then spend_amt end) as spend_m6_amt,
        sum(case when months_since = 12 then spend_amt end) as spend_m12_amt
    from mart_channel.outlet_cohort_month
    where activated_lines is not null
    group by outlet_id, activation_month
),

-- A cohort of which nothing is left has no row in a month: that is a zero once the month is over.
newest as (
    select max(month_start) as month_start from mart_channel.outlet_cohort_month
),

returned as (
    select
        outlet_id,
        month_start as activation_month,
        count(*) as re_entry_lines
    from mart_device.true_movement_month
    where movement_type = 'gross_add' and is_re_entry
    group by outlet_id, month_start
),

aged as (
    select
        watched.*,
        coalesce(returned.re_entry_lines, 0) as re_entry_lines,
        pf_month_diff(watched.activation_month, newest.month_start) as age
    from watched
    left join returned
        on watched.outlet_id = returned.outlet_id and watched.activation_month = returned.activation_month
    cross join newest
)

select
    outlet_id,
    activation_month,
    activated_lines,
    case when age >= 1 then coalesce(alive_m1_lines, 0) end as alive_m1_lines,
    case when age >= 3 then coalesce(alive_m3_lines, 0) end as alive_m3_lines,
    case when age >= 6 then coalesce(alive_m6_lines, 0) end as alive_m6_lines,
    case when age >= 12 then coalesce(alive_m12_lines, 0) end as alive_m12_lines,
    case when age >= 1 then coalesce(effective_m1_lines, 0) end as effective_m1_lines,
    case when age >= 1 then coalesce(zero_use_m1_lines, 0) end as zero_use_m1_lines,
    case when age >= 3 then coalesce(arrears_m3_lines, 0) end as arrears_m3_lines,
    case when age >= 1 then coalesce(spend_m1_amt, 0) end as spend_m1_amt,
    case when age >= 3 then coalesce(spend_m3_amt, 0) end as spend_m3_amt,
    case when age >= 6 then coalesce(spend_m6_amt, 0) end as spend_m6_amt,
    case when age >= 12 then coalesce(spend_m12_amt, 0) end as spend_m12_amt,
    re_entry_lines,
    round(pf_div(case when age >= 3 then coalesce(alive_m3_lines, 0) end, activated_lines), 4) as survival_m3_share,
    round(pf_div(case when age >= 1 then coalesce(effective_m1_lines, 0) end, activated_lines), 4) as effective_share,
    round(pf_div(re_entry_lines, activated_lines), 4) as re_entry_share
from aged
