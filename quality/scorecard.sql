-- Data quality per interface and day, each from 0 to 100; null where nothing arrived that could be judged.
--   completeness  what was due is in the lake
--   validity      rows that kept their contract, of all rows delivered
--   timeliness    received by the deadline; a point is lost for every quarter of an hour after it
--   uniqueness    rows without a copy, by the broken uniqueness checks of the table in the night of that day
--   consistency   rows that broke no other check of the table in that night
--   overall       the mean of what could be judged
-- Judges the days of the run (its variables from_day and to_day). Reads ops only.
with

delivery as (
    select
        system,
        table_name,
        data_date,
        sum(row_count) as accepted,
        sum(rejected) as rejected
    from ops.delivery
    where
        status = 'loaded'
        and superseded_on is null
        and data_date between getvariable('from_day') and getvariable('to_day')
    group by system, table_name, data_date
),

broken as (
    select
        regexp_replace(split_part(table_name, '.', 1), '^(raw|stg)_', '') as system,
        split_part(table_name, '.', 2) as table_name,
        to_day as data_date,
        sum(case when regexp_matches(check_name, 'unique|one row per') then offenders else 0 end) as copies,
        sum(case when regexp_matches(check_name, 'unique|one row per') then 0 else offenders end) as offenders
    from ops.check_result
    where
        not passed
        and regexp_matches(table_name, '^(raw|stg)_')
        and to_day between getvariable('from_day') and getvariable('to_day')
    group by all
),

score as (
    select
        due.system,
        due.table_name,
        due.data_date,
        case when due.state in ('loaded', 'late') then 100.0 else 0.0 end::double as completeness,
        case
            when delivery.accepted is null then null
            else 100 - 100 * delivery.rejected / greatest(delivery.accepted + delivery.rejected, 1)
        end::double as validity,
        case
            when due.received_at is null then 0
            when due.received_at <= due.deadline_at then 100
            else greatest(0, 100 - ceil(date_diff('second', due.deadline_at, due.received_at) / 900))
        end::double as timeliness,
        case
            when delivery.accepted is null then null
            else 100 - 100 * least(1, coalesce(broken.copies, 0) / greatest(delivery.accepted, 1))
        end::double as uniqueness,
        case
            when delivery.accepted is null then null
            else 100 - 100 * least(1, coalesce(broken.offenders, 0) / greatest(delivery.accepted, 1))
        end::double as consistency
    from ops.completeness as due
    left join delivery using (system, table_name, data_date)
    left join broken using (system, table_name, data_date)
    where due.data_date between getvariable('from_day') and getvariable('to_day')
)

select
    system,
    table_name,
    data_date,
    round(completeness, 2) as completeness,
    round(validity, 2) as validity,
    round(timeliness, 2) as timeliness,
    round(uniqueness, 2) as uniqueness,
    round(consistency, 2) as consistency,
    round(list_avg([completeness, validity, timeliness, uniqueness, consistency]), 2) as overall
from score
order by data_date, system, table_name
