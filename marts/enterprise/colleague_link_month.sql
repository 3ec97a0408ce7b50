/*
description: Lines that work in one cell and had contact with each other on several working days of a month, both ways.
grain: [month_start, subscription_key, other_subscription_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  other_subscription_key: bigint - The other line.
  cell_id: integer - Cell in which both work.
  contact_days: integer - Working days with contact, as the fuller of the two sides tells.
checks:
  - subscription_key <> other_subscription_key
*/
with

-- Both sides tell of a contact, and either may be missing.
told as (
    select month_start, msisdn_key, other_msisdn_key, contact_days
    from mart_enterprise.colleague_month
    union all
    select month_start, other_msisdn_key as msisdn_key, msisdn_key as other_msisdn_key, contact_days
    from mart_enterprise.colleague_month
),

link as (
    select
        told.month_start,
        one.cell_id,
        one.subscription_key,
        other.subscription_key as other_subscription_key,
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

-- A line that changed its number in the month works where it worked with most of its contacts.
placed as (
    select
        month_start,
        subscription_key,
        cell_id,
        row_number() over (
            partition by month_start, subscription_key order by sum(contact_days) desc, cell_id asc
        ) as place
    from link
    group by month_start, subscription_key, cell_id
)

select
    link.month_start,
    link.subscription_key,
    link.other_subscription_key,
    link.cell_id,
    link.contact_days
from link
inner join placed as one
    on
        link.month_start = one.month_start
        and link.subscription_key = one.subscription_key
        and link.cell_id = one.cell_id
        and one.place = 1
inner join placed as other
    on
        link.month_start = other.month_start
        and link.other_subscription_key = other.subscription_key
        and link.cell_id = other.cell_id
        and other.place = 1
