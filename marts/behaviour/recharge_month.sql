/*
description: How often and how much a prepaid line is topped up, by month and part of week and day.
grain: [month_start, subscription_key, week_part, day_part]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
portable: no - counts seconds with DuckDB's epoch function
reads:
  core.dim_date: static
  mart_behaviour.part: static
  mart_behaviour.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription.
  week_part: varchar - all, weekday or weekend; parts without any top-up have no row.
  day_part: varchar - all, day or night (19:00 to 07:00).
  recharges: integer - Top-ups, whether or not taken back later (bandicoot number_of_recharges).
  recharged_amt: decimal(18,2) - Sum of their amounts.
  recharge_mean_amt: decimal(18,2) - Mean amount (amount_recharged, mean).
  recharge_sd_amt: decimal(18,2) - Standard deviation of the amounts over all of them (amount_recharged, std).
  gaps: integer - Times between one top-up and the next within the part and month.
  gaps_s: bigint - Sum of these times in seconds.
  gap_mean_s: decimal(18,3) - Their mean (interevent_time_recharges, mean); null with a single top-up.
  gap_sd_s: decimal(18,3) - Their standard deviation over all of them (interevent_time_recharges, std).
  pareto_recharges: integer - Top-ups, the largest first, that account for 80 % of the amount.
  pareto_share: decimal(9,6) - The same over all top-ups, 0 to 1 (percent_pareto_recharges).
  balance_mean_amt: decimal(18,2) - Mean balance, if each top-up is used up evenly until the next (average_balance_recharges); null when first and last are not a day apart.
checks:
  - pareto_recharges between 1 and recharges
  - gaps = recharges - 1
*/
with

recharge as (
    select
        cast(date_trunc('month', recharge.recharged_on) as date) as month_start,
        recharge.subscription_key,
        part.week_part,
        part.day_part,
        recharge.recharge_no,
        recharge.recharged_on,
        recharge.recharged_amt,
        cast(floor(epoch(recharge.recharged_at)) as bigint) as made_s
    from core.fct_recharge as recharge
    inner join core.dim_date as date on recharge.recharged_on = date.day
    inner join mart_behaviour.part as part
        on
            date.is_weekend = part.is_weekend
            and (
                recharge.recharged_at <= date.night_ends_at or recharge.recharged_at >= date.night_begins_at
            ) = part.is_night
    where not recharge.is_reversal and recharge.subscription_key <> -1
),

ranked as (
    select
        *,
        lead(made_s) over (
            partition by month_start, subscription_key, week_part, day_part order by made_s, recharged_on, recharge_no
        ) - made_s as gap_s,
        sum(recharged_amt) over (partition by month_start, subscription_key, week_part, day_part) as total_amt,
        sum(recharged_amt) over (
            partition by month_start, subscription_key, week_part, day_part
            order by recharged_amt desc, made_s asc, recharged_on asc, recharge_no asc
            rows between unbounded preceding and current row
        ) - recharged_amt as before_amt
    from recharge
),

summed as (
    select
        month_start,
        subscription_key,
        week_part,
        day_part,
        count(*) as n,
        sum(recharged_amt) as amt,
        sum(cast(recharged_amt as decimal(18, 2)) * recharged_amt) as squares,
        count(gap_s) as gaps,
        coalesce(sum(gap_s), 0) as gaps_s,
        sum(gap_s * gap_s) as gap_squares,
        -- The first takes at least one, even when nothing was paid for any of them.
        greatest(count(*) filter (where before_amt < pareto_share * total_amt), 1) as pareto_recharges,
        sum(recharged_amt * cast(floor(gap_s / 86400) as integer)) as amt_days,
        cast(floor((max(made_s) - min(made_s)) / 86400) as integer) as days
    from ranked
    cross join mart_behaviour.threshold
    group by month_start, subscription_key, week_part, day_part
)

select
    month_start,
    subscription_key,
    week_part,
    day_part,
    n as recharges,
    amt as recharged_amt,
    round(pf_div(amt, n), 2) as recharge_mean_amt,
    round(pf_div(sqrt(cast(n * squares - amt * amt as double)), n), 2) as recharge_sd_amt,
    gaps,
    gaps_s,
    round(pf_div(gaps_s, gaps), 3) as gap_mean_s,
    round(pf_div(sqrt(cast(gaps * gap_squares - cast(gaps_s as hugeint) * gaps_s as double)), gaps), 3) as gap_sd_s,
    pareto_recharges,
    round(pf_div(pareto_recharges, n), 6) as pareto_share,
    round(pf_div(amt_days, 2 * days), 2) as balance_mean_amt
from summed
