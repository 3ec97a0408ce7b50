/*
description: Outages of each radio cell by day, those that go over midnight on each of their days.
grain: [day, outage_no]
refresh: day
partition: day
keep: 26 months
portable: no - counts seconds with DuckDB's epoch function
optional: {stg_network.outage: nobody is known to have lived through an outage}
reads:
  core.dim_date: static
  stg_network.outage: 7 days
columns:
  day: date - Business day on which it lasted.
  outage_no: bigint - Outage; told by the network once it is over.
  cell_id: integer - Cell.
  started_at: timestamp - Begin, UTC.
  ended_at: timestamp - End, UTC; null when the network gave none, then it counts for the day of its begin.
  down_s: integer - Seconds of it on the day; null without an end. Of outages of more than a week the first eight days are told.
checks:
  - down_s is null or down_s between 0 and 90000
*/
with

listed as (
    select
        *,
        row_number() over (partition by outage_no order by known_on desc, delivery_id desc, row_no desc) as place
    from stg_network.outage
    where superseded_on is null
),

lasting as (
    select
        date.day,
        outage.outage_no,
        outage.cell_id,
        outage.started_at,
        outage.ended_at,
        cast(floor(epoch(least(outage.ended_at, cast(date.begins_at + interval 1 day as timestamp)))) as bigint)
        - cast(floor(epoch(greatest(outage.started_at, date.begins_at))) as bigint) as down_s
    from listed as outage
    inner join core.dim_date as date
        on
            outage.started_on <= date.day
            and cast(outage.started_on + interval 7 day as date) >= date.day
            and (outage.ended_at > date.begins_at or outage.started_on = date.day)
    where outage.place = 1
)

select
    day,
    outage_no,
    cell_id,
    started_at,
    ended_at,
    case when ended_at is not null then greatest(down_s, 0) end as down_s
from lasting
