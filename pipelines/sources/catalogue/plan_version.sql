/*
description: Tariff plan versions, as listed by each delivery of the catalogue.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  plan_id: varchar - Tariff plan.
  plan_version: integer - Version, from 1.
  name_zh: varchar - Name in Chinese.
  name_en: varchar - Name in English.
  pay_type: varchar - prepaid or postpaid.
  brand: varchar - Brand sold under.
  monthly_fee_amt: decimal(18,2) - Fee per month, without tax.
  contract_months: integer - Length of the contract; null without one.
  is_convergent: boolean - Whether broadband is part of it.
  valid_from: date - First day of the version.
  valid_to: date - Last day of the version as listed; null while open.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    plan_id,
    plan_version,
    name_zh,
    name_en,
    pay_type,
    brand,
    monthly_fee as monthly_fee_amt,
    contract_months,
    is_convergent,
    valid_from,
    valid_to,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_catalogue.plan
