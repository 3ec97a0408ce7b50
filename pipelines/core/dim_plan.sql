/*
description: Tariff plans and their versions, one row per plan and version in force.
grain: [plan_id, plan_version]
columns:
  plan_id: varchar - Tariff plan.
  plan_version: integer - Version, from 1.
  name_en: varchar - Name in English.
  name_zh: varchar - Name in Chinese.
  pay_type: varchar - prepaid or postpaid.
  brand: varchar - Brand sold under.
  monthly_fee_amt: decimal(18,2) - Fee per month, without tax.
  contract_months: integer - Length of the contract; null without one.
  is_convergent: boolean - Whether broadband is part of it.
  valid_from: date - First day of the version.
  valid_to: date - First day of the next version, else the day after the listed end; null while open.
  is_current: boolean - Whether this is the latest version.
checks:
  - valid_to is null or valid_to >= valid_from
  - monthly_fee_amt >= 0
*/
with

listed as (
    select
        *,
        row_number()
            over (partition by plan_id, plan_version order by known_on desc, delivery_id desc, row_no desc)
            as place
    from stg_catalogue.plan_version
    where superseded_on is null
),

version as (
    select
        *,
        lead(valid_from) over (partition by plan_id order by plan_version) as next_from
    from listed
    where place = 1
)

select
    plan_id,
    plan_version,
    name_en,
    name_zh,
    pay_type,
    brand,
    monthly_fee_amt,
    contract_months,
    is_convergent,
    valid_from,
    coalesce(next_from, cast(valid_to + interval 1 day as date)) as valid_to,
    next_from is null as is_current
from version
