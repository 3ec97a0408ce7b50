/*
description: >-
  Monthly fees of tariff plan versions as they were listed when, one row per stretch in which the listing said the same. A fee
  that was changed without a new version shows here and nowhere else.
grain: [plan_id, plan_version, known_from]
columns:
  plan_id: varchar - Tariff plan.
  plan_version: integer - Version of the plan.
  monthly_fee_amt: decimal(18,2) - Fee per month, without tax.
  valid_from: date - First day of the version.
  known_from: date - First business day that closed with this listing.
  known_to: date - First business day that closed with another one; 9999-12-31 for the last.
  in_force_from: date - First business day on which the plan was sold at this fee, as known on that day; null for none.
  in_force_to: date - First business day on which it was sold at another one; 9999-12-31 for the last.
checks:
  - known_from < known_to
  - in_force_from is null or in_force_from <= in_force_to
  - monthly_fee_amt >= 0
*/
with

listed as (
    select
        plan_id,
        plan_version,
        known_on,
        monthly_fee_amt,
        valid_from,
        row_number() over (
            partition by plan_id, plan_version, known_on order by delivery_id desc, row_no desc
        ) as place
    from stg_catalogue.plan_version
),

told as (
    select
        *,
        lag(monthly_fee_amt) over (partition by plan_id, plan_version order by known_on) as fee_before_amt,
        lag(valid_from) over (partition by plan_id, plan_version order by known_on) as valid_from_before
    from listed
    where place = 1
),

changed as (
    select *
    from told
    where
        fee_before_amt is null
        or fee_before_amt <> monthly_fee_amt
        or valid_from_before <> valid_from
),

stretch as (
    select
        plan_id,
        plan_version,
        monthly_fee_amt,
        valid_from,
        known_on as known_from,
        lead(known_on, 1, date '9999-12-31') over (partition by plan_id, plan_version order by known_on) as known_to,
        greatest(valid_from, known_on) as begins_on
    from changed
),

-- Of the versions that had begun, the newest counts. A stretch that another listing ended before it began never does.
judged as (
    select
        *,
        begins_on < known_to and plan_version = max(case when begins_on < known_to then plan_version end) over (
            partition by plan_id order by begins_on, plan_version, known_from
            rows between unbounded preceding and current row
        ) as is_in_force
    from stretch
)

select
    plan_id,
    plan_version,
    monthly_fee_amt,
    valid_from,
    known_from,
    known_to,
    case when is_in_force then begins_on end as in_force_from,
    case
        when is_in_force then lead(begins_on, 1, date '9999-12-31') over (
            partition by plan_id, is_in_force order by begins_on, plan_version, known_from
        )
    end as in_force_to
from judged
