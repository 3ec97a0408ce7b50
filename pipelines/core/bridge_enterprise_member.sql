/*
description: >-
  Which enterprise a subscription belonged to when; one at a time. Of several that claim it, those that are no test come
  first, then the membership that began last, then the lowest enterprise_id.
grain: [subscription_key, valid_from]
scope: subscription_key
columns:
  subscription_key: bigint - Subscription.
  enterprise_id: varchar - Enterprise.
  role_type: varchar - Role of the subscription; null when not told.
  claims: integer - Enterprises that claimed the subscription at the same time, at most; 1 is undisputed.
  valid_from: date - First day at this enterprise.
  valid_to: date - First day after; 9999-12-31 while it lasts.
checks:
  - valid_from < valid_to
watch:
  - claims = 1
*/
with

claim as (
    select *
    from core.enterprise_member_claim
    where valid_from < valid_to
),

turn as (
    select subscription_key, valid_from as day from claim
    union
    select subscription_key, valid_to as day from claim
),

stretch as (
    select
        subscription_key,
        day as from_day,
        lead(day) over (partition by subscription_key order by day) as to_day
    from turn
),

held as (
    select
        stretch.subscription_key,
        stretch.from_day,
        stretch.to_day,
        claim.enterprise_id,
        claim.role_type,
        count(*) over (partition by stretch.subscription_key, stretch.from_day) as claims,
        row_number() over (
            partition by stretch.subscription_key, stretch.from_day
            order by claim.is_test asc, claim.valid_from desc, claim.enterprise_id asc
        ) as place
    from stretch
    inner join claim
        on
            stretch.subscription_key = claim.subscription_key
            and stretch.from_day >= claim.valid_from
            and stretch.from_day < claim.valid_to
),

joined as (
    select
        *,
        coalesce(
            lag(to_day) over in_order = from_day
            and lag(enterprise_id) over in_order = enterprise_id
            and lag(role_type) over in_order is not distinct from role_type,
            false
        ) as goes_on
    from held
    where place = 1
    window in_order as (partition by subscription_key order by from_day)
),

numbered as (
    select
        *,
        sum(case when goes_on then 0 else 1 end) over (
            partition by subscription_key order by from_day rows between unbounded preceding and current row
        ) as membership_no
    from joined
)

select
    subscription_key,
    min(enterprise_id) as enterprise_id,
    min(role_type) as role_type,
    max(claims) as claims,
    min(from_day) as valid_from,
    max(to_day) as valid_to
from numbered
group by subscription_key, membership_no
