/*
description: Contracts of enterprises in force in a month, as the workbook that holds in the month lists them.
grain: [month_start, contract_no]
refresh: month
partition: month_start
keep: 60 months
public: true
requires: [stg_enterprise.enterprise, stg_enterprise.contract]
reads:
  stg_enterprise.enterprise: 62 days
  stg_enterprise.contract: 62 days
  core.map_code: static
columns:
  month_start: date - First day of the month.
  contract_no: varchar - Contract.
  enterprise_id: varchar - Enterprise.
  level_type: varchar - Its level, A, B or C; null when not told.
  area_id: varchar - Its area; null when not told.
  is_commercial: boolean - The enterprise does not exist for tests only.
  product_type: varchar - leased_line, group_sms, m2m_platform or cloud_desktop; UNK for a product without a meaning.
  signed_on: date - Day of signature; null when not told.
  ends_on: date - Last day; null while open.
  monthly_amt: decimal(18,2) - Value per month; a month that has begun counts whole.
  is_unified_payment: boolean - Whether the enterprise pays for its members.
  is_signed: boolean - Signed in the month.
  is_ending: boolean - Its last day lies in the month.
  listed_on: date - Day of the workbook.
  is_closed: boolean - The month is over; false while it is kept month to date.
*/
with

listed as (
    select
        workbook.month_start,
        workbook.listed_on,
        contract.*,
        row_number() over (
            partition by workbook.month_start, contract.contract_no
            order by contract.known_on desc, contract.delivery_id desc, contract.row_no desc
        ) as place
    from core.enterprise_workbook_month as workbook
    inner join stg_enterprise.contract as contract on workbook.listed_on = contract.snapshot_on
    where
        contract.superseded_on is null
        and coalesce(contract.signed_on <= last_day(workbook.month_start), true)
        and coalesce(contract.ends_on >= workbook.month_start, true)
),

enterprise as (
    select
        *,
        row_number() over (
            partition by snapshot_on, enterprise_id order by known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_enterprise.enterprise
    where superseded_on is null
)

select
    listed.month_start,
    listed.contract_no,
    listed.enterprise_id,
    enterprise.level_type,
    enterprise.area_id,
    not coalesce(enterprise.is_test, false) as is_commercial,
    coalesce(code.std_code, 'UNK') as product_type,
    listed.signed_on,
    listed.ends_on,
    coalesce(listed.monthly_amt, 0) as monthly_amt,
    coalesce(listed.is_unified_payment, false) as is_unified_payment,
    coalesce(listed.signed_on >= listed.month_start, false) as is_signed,
    coalesce(listed.ends_on <= last_day(listed.month_start), false) as is_ending,
    listed.listed_on,
    last_day(listed.month_start) <= getvariable('as_of') as is_closed
from listed
left join enterprise
    on
        listed.listed_on = enterprise.snapshot_on
        and listed.enterprise_id = enterprise.enterprise_id
        and enterprise.place = 1
left join core.map_code as code
    on
        code.domain = 'enterprise_product'
        and code.source = 'enterprise'
        and listed.product_name = code.source_code
        and listed.listed_on >= code.valid_from
        and listed.listed_on < code.valid_to
where listed.place = 1
