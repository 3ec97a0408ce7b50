/*
description: How long the calls of a line last and who began them, by month and part of week and day.
grain: [month_start, subscription_key, week_part, day_part]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
reads:
  mart_behaviour.part: static
  mart_behaviour.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  week_part: varchar - all, weekday or weekend; parts without any call have no row.
  day_part: varchar - all, day or night (19:00 to 07:00).
  calls: integer - Calls made and received that were set up, those of withheld numbers included.
  calls_made: integer - Calls made.
  initiated_share: decimal(9,6) - Calls made over all, 0 to 1 (bandicoot percent_initiated_interactions).
  duration_s: bigint - Duration of all in seconds.
  duration_mean_s: decimal(18,3) - Mean duration (call_duration, mean).
  duration_sd_s: decimal(18,3) - Standard deviation over all calls, not of a sample (call_duration, std).
  duration_median_s: decimal(18,1) - Median, the mean of the middle two of an even number (call_duration, median).
  duration_min_s: integer - Shortest (call_duration, min).
  duration_max_s: integer - Longest (call_duration, max).
  duration_skewness: decimal(18,4) - Third central moment over the standard deviation cubed; 0 when all last equally long.
  duration_kurtosis: decimal(18,4) - Fourth central moment over the variance squared, so 3 for a bell curve; 0 when all last equally long.
checks:
  - calls_made <= calls
  - duration_median_s between duration_min_s and duration_max_s
watch:
  - duration_skewness is not null
*/
with

talked as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        is_weekend,
        is_night,
        is_made,
        duration_s,
        cast(duration_s as bigint) * duration_s as squared
    from mart_behaviour.interaction
    where is_call and subscription_key <> -1
),

power as (
    select
        talked.month_start,
        talked.subscription_key,
        part.week_part,
        part.day_part,
        cast(count(*) as hugeint) as n,
        count(*) filter (where talked.is_made) as made,
        sum(talked.duration_s) as s1,
        sum(talked.squared) as s2,
        sum(talked.squared * talked.duration_s) as s3,
        sum(cast(talked.squared as hugeint) * talked.squared) as s4,
        percentile_cont(0.5) within group (order by talked.duration_s) as median_s,
        min(talked.duration_s) as min_s,
        max(talked.duration_s) as max_s
    from talked
    inner join mart_behaviour.part as part on talked.is_weekend = part.is_weekend and talked.is_night = part.is_night
    group by talked.month_start, talked.subscription_key, part.week_part, part.day_part
),

-- Central moments times a power of the number of calls: whole numbers, hence the same whatever the order of rows.
moment as (
    select
        power.*,
        n * s2 - s1 * s1 as m2,
        case when n <= shape_calls then n * n * s3 - 3 * n * s1 * s2 + 2 * s1 * s1 * s1 end as m3,
        case
            when n <= shape_calls
                then n * n * n * s4 - 4 * n * n * s1 * s3 + 6 * n * s1 * s1 * s2 - 3 * s1 * s1 * s1 * s1
        end as m4
    from power
    cross join mart_behaviour.threshold
)

select
    month_start,
    subscription_key,
    week_part,
    day_part,
    n as calls,
    made as calls_made,
    round(pf_div(made, n), 6) as initiated_share,
    s1 as duration_s,
    round(pf_div(s1, n), 3) as duration_mean_s,
    round(pf_div(sqrt(cast(m2 as double)), n), 3) as duration_sd_s,
    round(median_s, 1) as duration_median_s,
    min_s as duration_min_s,
    max_s as duration_max_s,
    case when m2 = 0 then 0 else round(pf_div(m3, pow(cast(m2 as double), 1.5)), 4) end as duration_skewness,
    case when m2 = 0 then 0 else round(pf_div(m4, pow(cast(m2 as double), 2)), 4) end as duration_kurtosis
from moment
