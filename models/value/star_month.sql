/*
description: Stars of commercial lines in network from their seventh month of life on, by spend and tenure together.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads: {value.threshold: static}
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  spend_amt: decimal(18,6) - Revenue per month; 0 where no month is told in full.
  tenure_years: integer - Full years of tenure that count.
  points: decimal(18,6) - Spend, raised for each of these years.
  stars: integer - 1 to 5.
checks:
  - stars between 1 and 5
*/
with

rated as (
    select
        line.month_start,
        line.subscription_key,
        coalesce(line.spend_amt, 0) as spend_amt,
        least(cast(floor(line.tenure_months / 12) as integer), threshold.star_years) as tenure_years,
        threshold.star_year_share
    from value.realised_month as line
    cross join value.threshold as threshold
    where line.tenure_months + 1 >= threshold.star_from_month
),

scored as (
    select
        month_start,
        subscription_key,
        spend_amt,
        tenure_years,
        round(spend_amt * (1 + tenure_years * star_year_share), 6) as points
    from rated
),

placed as (
    select
        *,
        row_number() over (partition by month_start order by points desc, subscription_key asc) * 100 as place,
        count(*) over (partition by month_start) as lines
    from scored
)

select
    placed.month_start,
    placed.subscription_key,
    placed.spend_amt,
    placed.tenure_years,
    placed.points,
    case
        when place <= threshold.star_5_pct * lines then 5
        when place <= (threshold.star_5_pct + threshold.star_4_pct) * lines then 4
        when place <= (threshold.star_5_pct + threshold.star_4_pct + threshold.star_3_pct) * lines then 3
        when
            place <= (threshold.star_5_pct + threshold.star_4_pct + threshold.star_3_pct + threshold.star_2_pct) * lines
            then 2
        else 1
    end as stars
from placed
cross join value.threshold as threshold
