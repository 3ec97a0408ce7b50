/*
description: Contracts of enterprises as the newest workbook that lists them tells.
grain: [contract_no]
public: true
columns:
  contract_no: varchar - Contract.
  enterprise_id: varchar - Enterprise.
  product_name: varchar - Product as written in the workbook; null when not told.
  product_type: varchar - leased_line, group_sms, m2m_platform or cloud_desktop; UNK for a product without a meaning.
  signed_on: date - Day of signature; null when not told.
  ends_on: date - Last day; null while open.
  left_out_on: date - Day of the first workbook without it, though it had not ended; null while listed or once ended.
  monthly_amt: decimal(18,2) - Value per month.
  is_unified_payment: boolean - Whether the enterprise pays for its members.
  first_listed_on: date - Day of the first workbook that lists it.
  last_listed_on: date - Day of the last workbook that lists it.
checks:
  - first_listed_on <= last_listed_on
watch:
  - product_type <> 'UNK'
  - ends_on >= signed_on
  - left_out_on is null
*/
with

workbook as (
    select
        snapshot_on,
        lead(snapshot_on) over (order by snapshot_on) as next_on
    from stg_enterprise.enterprise
    where superseded_on is null
    group by snapshot_on
),

told as (
    select
        *,
        min(snapshot_on) over (partition by contract_no) as first_listed_on,
        row_number() over (
            partition by contract_no order by snapshot_on desc, known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_enterprise.contract
    where superseded_on is null
)

select
    told.contract_no,
    told.enterprise_id,
    told.product_name,
    coalesce(code.std_code, 'UNK') as product_type,
    told.signed_on,
    told.ends_on,
    case when coalesce(told.ends_on >= workbook.next_on, true) then workbook.next_on end as left_out_on,
    told.monthly_amt,
    coalesce(told.is_unified_payment, false) as is_unified_payment,
    told.first_listed_on,
    told.snapshot_on as last_listed_on
from told
left join workbook on told.snapshot_on = workbook.snapshot_on
left join core.map_code as code
    on
        code.domain = 'enterprise_product'
        and code.source = 'enterprise'
        and told.product_name = code.source_code
        and told.snapshot_on >= code.valid_from
        and told.snapshot_on < code.valid_to
where told.place = 1
