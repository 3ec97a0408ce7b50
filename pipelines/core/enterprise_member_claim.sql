/*
description: Memberships of subscriptions in enterprises as the workbooks tell them, disputed ones included.
grain: [enterprise_id, subscription_key, valid_from]
columns:
  enterprise_id: varchar - Enterprise.
  subscription_key: bigint - Subscription.
  role_type: varchar - Role of the subscription; null when not told.
  is_test: boolean - Whether the enterprise exists for tests only, as the newest workbook tells.
  valid_from: date - First day; of a membership without one, the day of the first workbook that lists it.
  valid_to: date - First day after; 9999-12-31 while it lasts. One that a workbook leaves out while it lasts ends then.
  first_listed_on: date - Day of the first workbook that lists it.
  last_listed_on: date - Day of the last workbook that lists it.
watch:
  - valid_from < valid_to
*/
with

workbook as (
    select
        snapshot_on,
        lead(snapshot_on, 1, date '9999-12-31') over (order by snapshot_on) as next_on
    from stg_enterprise.enterprise
    where superseded_on is null
    group by snapshot_on
),

membership as (
    select
        enterprise_id,
        subscription_key,
        valid_from,
        min(snapshot_on) as first_listed_on,
        max(snapshot_on) as last_listed_on
    from stg_enterprise.member
    where superseded_on is null
    group by enterprise_id, subscription_key, valid_from
),

-- The newest workbook that lists a membership tells how it went on.
told as (
    select
        membership.enterprise_id,
        membership.subscription_key,
        member.role_type,
        coalesce(membership.valid_from, membership.first_listed_on) as begins_on,
        coalesce(cast(member.valid_to + interval 1 day as date), workbook.next_on, date '9999-12-31') as ends_on,
        membership.first_listed_on,
        membership.last_listed_on,
        row_number() over (
            partition by
                membership.enterprise_id,
                membership.subscription_key,
                coalesce(membership.valid_from, membership.first_listed_on)
            order by member.snapshot_on desc, member.known_on desc, member.delivery_id desc, member.row_no desc
        ) as place
    from membership
    inner join stg_enterprise.member as member
        on
            membership.enterprise_id = member.enterprise_id
            and membership.subscription_key = member.subscription_key
            and membership.last_listed_on = member.snapshot_on
            and membership.valid_from is not distinct from member.valid_from
            and member.superseded_on is null
    left join workbook on membership.last_listed_on = workbook.snapshot_on
)

select
    told.enterprise_id,
    told.subscription_key,
    told.role_type,
    coalesce(enterprise.is_test, false) as is_test,
    told.begins_on as valid_from,
    told.ends_on as valid_to,
    told.first_listed_on,
    told.last_listed_on
from told
left join core.dim_enterprise as enterprise
    on told.enterprise_id = enterprise.enterprise_id and enterprise.is_current
where told.place = 1
