/*
description: Customer records created, changed or deleted, one row per record and change.
grain: [delivery_id, row_no]
refresh: delivery
partition: updated_on
columns:
  customer_key: bigint - Customer record.
  name_key: bigint - Name as entered.
  document_type: varchar - Kind of identity document as entered.
  document_key: bigint - Identity document number as entered; null when missing.
  birth_date_key: bigint - Birth date as entered.
  birth_year: integer - Year of birth.
  gender: varchar - M, F or U (unknown).
  address_key: bigint - Address as entered.
  contact_msisdn_key: bigint - Number on which the customer wants to be reached.
  plain_name_key: bigint - Name without spaces and signs.
  name_front_key: bigint - Name without its last character; null for names of two.
  name_back_key: bigint - Name without its second character; null for names of two.
  plain_document_key: bigint - Identity document number spelt one way; null when missing or one character repeated.
  document_head_key: bigint - First nine characters of it.
  document_tail_key: bigint - The characters after them.
  plain_birth_date_key: bigint - Birth date, from the identity card where the field is empty.
  birth_day_key: bigint - Month and day of it.
  birth_month_key: bigint - Year and month of it.
  birth_turned_key: bigint - Its year, with month and day in either order.
  plain_address_key: bigint - Address spelt one way, without the city.
  street_key: bigint - Its street and number.
  home_address_key: bigint - Address spelt one way, where it goes as far as the flat.
  segment_type: varchar - personal, enterprise, official or test.
  vip_level: integer - 0 (none) to 5.
  is_blacklisted: boolean - Whether the operator refuses new business.
  has_consent: boolean - Whether marketing contact is allowed.
  account_manager_name: varchar - Who looks after the customer.
  area_id: varchar - Area of the customer's address.
  created_at: timestamp - When the record was created, UTC.
  updated_at: timestamp - When the change was made, UTC.
  updated_on: date - Business day of the change.
  operation_type: varchar - I (inserted), U (updated) or D (deleted).
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    cust_no_key as customer_key,
    name_key,
    id_type as document_type,
    id_no_key as document_key,
    birth_date_key,
    birth_year,
    gender,
    address_key,
    contact_msisdn_key,
    plain_name_key,
    name_front_key,
    name_back_key,
    plain_document_key,
    document_head_key,
    document_tail_key,
    plain_birth_date_key,
    birth_day_key,
    birth_month_key,
    birth_turned_key,
    plain_address_key,
    street_key,
    home_address_key,
    segment as segment_type,
    vip_level,
    is_blacklisted,
    has_consent,
    account_manager as account_manager_name,
    area_id,
    created_at,
    updated_at,
    event_day as updated_on,
    op as operation_type,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_crm.party
