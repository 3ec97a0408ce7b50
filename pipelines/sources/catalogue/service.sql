/*
description: Value-added services, as listed by each delivery of the catalogue.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  service_id: varchar - Service; the offer of a subscription that holds it.
  name_zh: varchar - Name in Chinese.
  name_en: varchar - Name in English.
  category_type: varchar - Kind of content or help, as the catalogue names it.
  provider_id: varchar - Company that provides it.
  provider_name: varchar - Name of the company.
  monthly_fee_amt: decimal(18,2) - Fee per month begun, without tax.
  valid_from: date - First day on offer.
  valid_to: date - Last day on offer; null while open.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    service_id,
    name_zh,
    name_en,
    category as category_type,
    provider_id,
    provider_name,
    monthly_fee as monthly_fee_amt,
    valid_from,
    valid_to,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_catalogue.service
