/*
description: >-
  Circles of lines that work in one cell and have contact with each other on working days, by month. Each line takes over
  the circle of most of its contacts, all at once and for a fixed number of rounds; the lowest number wins a tie.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
portable: no - rounds are counted by recursion over the newest rows, which Spark does not know
reads:
  mart_enterprise.threshold: static
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  group_key: bigint - Circle; its lowest line.
  cell_id: integer - Cell in which its lines work.
  colleagues: integer - Lines of the circle with which it had contact.
  lines: integer - Lines of the circle.
checks:
  - lines >= 2
*/
with recursive

-- Both sides tell of a contact, and either may be missing; the fuller telling counts.
told as (
    select month_start, msisdn_key, other_msisdn_key, contact_days from mart_enterprise.colleague_month
    union all
    select month_start, other_msisdn_key as msisdn_key, msisdn_key as other_msisdn_key, contact_days
    from mart_enterprise.colleague_month
),

edge as (
    select
        told.month_start,
        one.cell_id,
        one.subscription_key as one_key,
        other.subscription_key as other_key,
        max(told.contact_days) as contact_days
    from told
    inner join mart_enterprise.work_place_month as one
        on told.month_start = one.month_start and told.msisdn_key = one.msisdn_key
    inner join mart_enterprise.work_place_month as other
        on
            told.month_start = other.month_start
            and told.other_msisdn_key = other.msisdn_key
            and one.cell_id = other.cell_id
    where one.subscription_key <> -1 and other.subscription_key <> -1 and one.subscription_key <> other.subscription_key
    group by told.month_start, one.cell_id, one.subscription_key, other.subscription_key
),

-- A line that changed its number works where it worked with most of its contacts.
placed as (
    select
        month_start,
        one_key,
        cell_id,
        row_number() over (partition by month_start, one_key order by sum(contact_days) desc, cell_id asc) as place
    from edge
    group by month_start, one_key, cell_id
),

link as (
    select edge.month_start, edge.cell_id, edge.one_key, edge.other_key, edge.contact_days
    from edge
    inner join placed as one
        on edge.month_start = one.month_start and edge.one_key = one.one_key and edge.cell_id = one.cell_id
    inner join placed as other
        on edge.month_start = other.month_start and edge.other_key = other.one_key and edge.cell_id = other.cell_id
    where one.place = 1 and other.place = 1
),

-- A line weighs its own circle like its closest contact, so that two do not exchange theirs for ever.
pull as (
    select month_start, one_key, other_key, contact_days from link
    union all
    select month_start, one_key, one_key as other_key, max(contact_days) as contact_days
    from link
    group by month_start, one_key
),

spread as (
    select distinct 0 as round, month_start, one_key, one_key as circle_key
    from link
    union all
    select round, month_start, one_key, circle_key
    from (
        select
            spread.round + 1 as round,
            pull.month_start,
            pull.one_key,
            spread.circle_key,
            row_number() over (
                partition by pull.month_start, pull.one_key order by sum(pull.contact_days) desc, spread.circle_key asc
            ) as place
        from spread
        inner join pull on spread.month_start = pull.month_start and spread.one_key = pull.other_key
        cross join mart_enterprise.threshold as threshold
        where spread.round < threshold.group_rounds
        group by spread.round, pull.month_start, pull.one_key, spread.circle_key
    ) as weighed
    where place = 1
),

member as (
    select spread.month_start, spread.one_key, spread.circle_key
    from spread
    cross join mart_enterprise.threshold as threshold
    where spread.round = threshold.group_rounds
),

met as (
    select
        one.month_start,
        one.one_key,
        one.circle_key,
        min(link.cell_id) as cell_id,
        count(*) filter (where one.circle_key = other.circle_key) as colleagues
    from member as one
    inner join link on one.month_start = link.month_start and one.one_key = link.one_key
    inner join member as other on link.month_start = other.month_start and link.other_key = other.one_key
    group by one.month_start, one.one_key, one.circle_key
)

select
    month_start,
    one_key as subscription_key,
    min(one_key) over circle as group_key,
    cell_id,
    colleagues,
    count(*) over circle as lines
from met
where colleagues > 0
window circle as (partition by month_start, circle_key)
