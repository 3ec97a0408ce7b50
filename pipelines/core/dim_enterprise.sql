/*
description: Enterprises and how they changed, from the monthly workbook; one row per enterprise and state.
grain: [enterprise_id, valid_from]
public: true
columns:
  enterprise_id: varchar - Enterprise.
  customer_key: bigint - Customer record of the enterprise; null when the workbook names none.
  level_type: varchar - A, B or C; null when not told.
  level_type_before: varchar - Level of the state before; null for the first state.
  industry_name: varchar - Industry; null when not told.
  manager_name: varchar - Who looks after it; null when nobody does.
  area_id: varchar - Area; null when not told.
  is_test: boolean - Whether it exists for tests only.
  first_listed_on: date - Day of the first workbook that lists it.
  valid_from: date - Day of the first workbook that tells this state.
  valid_to: date - Day of the first workbook after it that tells another one or leaves it out; 9999-12-31 while it lasts.
  is_current: boolean - Whether the newest workbook tells this state.
checks:
  - valid_from < valid_to
watch:
  - level_type is not null
*/
with

told as (
    select
        *,
        row_number() over (
            partition by snapshot_on, enterprise_id order by known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_enterprise.enterprise
    where superseded_on is null
),

workbook as (
    select
        snapshot_on,
        lead(snapshot_on, 1, date '9999-12-31') over (order by snapshot_on) as next_on
    from told
    group by snapshot_on
),

listed as (
    select
        told.enterprise_id,
        told.snapshot_on,
        workbook.next_on,
        told.customer_key,
        told.level_type,
        told.industry_name,
        told.manager_name,
        told.area_id,
        coalesce(told.is_test, false) as is_test,
        coalesce(
            lag(workbook.next_on) over in_order = told.snapshot_on
            and lag(told.customer_key) over in_order is not distinct from told.customer_key
            and lag(told.level_type) over in_order is not distinct from told.level_type
            and lag(told.industry_name) over in_order is not distinct from told.industry_name
            and lag(told.manager_name) over in_order is not distinct from told.manager_name
            and lag(told.area_id) over in_order is not distinct from told.area_id
            and lag(coalesce(told.is_test, false)) over in_order = coalesce(told.is_test, false),
            false
        ) as is_as_before
    from told
    inner join workbook on told.snapshot_on = workbook.snapshot_on
    where told.place = 1
    window in_order as (partition by told.enterprise_id order by told.snapshot_on)
),

numbered as (
    select
        *,
        sum(case when is_as_before then 0 else 1 end) over (
            partition by enterprise_id order by snapshot_on rows between unbounded preceding and current row
        ) as state_no
    from listed
),

state as (
    select
        enterprise_id,
        state_no,
        min(customer_key) as customer_key,
        min(level_type) as level_type,
        min(industry_name) as industry_name,
        min(manager_name) as manager_name,
        min(area_id) as area_id,
        bool_or(is_test) as is_test,
        min(snapshot_on) as valid_from,
        max(next_on) as valid_to
    from numbered
    group by enterprise_id, state_no
)

select
    enterprise_id,
    customer_key,
    level_type,
    lag(level_type) over (partition by enterprise_id order by valid_from) as level_type_before,
    industry_name,
    manager_name,
    area_id,
    is_test,
    min(valid_from) over (partition by enterprise_id) as first_listed_on,
    valid_from,
    valid_to,
    valid_to = date '9999-12-31' as is_current
from state
