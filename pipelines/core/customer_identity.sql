/*
description: What identity resolution compares of each customer record, one row per stretch in which none of it changed.
grain: [customer_key, known_from]
columns:
  customer_key: bigint - Customer record.
  known_from: date - Business day whose night first knew it so.
  seen_from: date - First business day that closed with this; 1900-01-01 for what the first delivery told.
  seen_to: date - First business day that closed otherwise; 9999-12-31 while it lasts.
  is_organisation: boolean - Whether it is a company, which has one record and is compared by its licence alone.
  document_type: varchar - Kind of identity document as entered.
  gender: varchar - M or F; null when unknown.
  contact_msisdn_key: bigint - Number on which the customer wants to be reached.
  plain_name_key: bigint - Name spelt one way.
  name_front_key: bigint - Name without its last character.
  name_back_key: bigint - Name without its second character.
  plain_document_key: bigint - Identity document number spelt one way.
  document_head_key: bigint - Its first nine characters.
  document_tail_key: bigint - The characters after them.
  plain_birth_date_key: bigint - Birth date.
  birth_day_key: bigint - Its month and day.
  birth_month_key: bigint - Its year and month.
  birth_turned_key: bigint - Its year, with month and day in either order.
  plain_address_key: bigint - Address spelt one way.
  street_key: bigint - Its street and number.
  home_address_key: bigint - Address spelt one way, where it goes as far as the flat.
checks:
  - known_from < seen_to and seen_from <= known_from
*/
with

state as (
    select
        *,
        segment_type = 'enterprise' as is_organisation,
        hash(
            document_type, gender, contact_msisdn_key, plain_name_key, plain_document_key, plain_birth_date_key,
            plain_address_key, segment_type = 'enterprise'
        ) as content
    from core.dim_customer
    where seen_from is not null
),

compared as (
    select
        *,
        lag(content) over (partition by customer_key order by seen_from) as content_before
    from state
),

changed as (
    select
        *,
        lead(seen_from, 1, date '9999-12-31') over (partition by customer_key order by seen_from) as changed_on
    from compared
    where content is distinct from content_before
)

select
    customer_key,
    known_from,
    seen_from,
    changed_on as seen_to,
    is_organisation,
    document_type,
    nullif(gender, 'U') as gender,
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
    home_address_key
from changed
