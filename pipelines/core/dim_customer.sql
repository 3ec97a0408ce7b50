/*
description: Customer records and how they changed, one row per record, day of change and telling of it.
grain: [customer_key, valid_from, known_from]
columns:
  customer_key: bigint - Customer record.
  document_key: bigint - Identity document number; null when missing.
  name_key: bigint - Name.
  birth_year: integer - Year of birth; null outside 1900 to the year of the record.
  gender: varchar - M, F or U (unknown).
  address_key: bigint - Address.
  document_type: varchar - Kind of identity document as entered.
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
  has_consent: boolean - Whether marketing contact is allowed; false when nobody asked.
  area_id: varchar - Area of the address.
  is_deleted: boolean - Whether CRM deleted the record with this change.
  valid_from: date - First day of this state; of the first state, the day the record was created.
  valid_to: date - First day of the next state as told now; null for the last.
  known_from: date - Business day whose night first knew this telling.
  known_to: date - Business day whose night first knew another telling of the same change; null while it counts.
  seen_from: date - First business day that closed with this as the newest state; 1900-01-01 for what the first delivery told; null when none did.
  seen_to: date - Business day that closed with the next one; 9999-12-31 for the newest; null when none did.
  is_current: boolean - Whether this is the current state as told now.
  row_hash: varchar - Fingerprint of the state.
checks:
  - valid_to is null or valid_to > valid_from
  - known_to is null or known_to > known_from
  - seen_from is null or seen_from < seen_to
*/
with

-- The monthly full file repairs what a lost daily file left out; only changes of the last two months can be missing.
told as (
    select
        customer_key, document_key, name_key, birth_year, gender, address_key, segment_type, vip_level, is_blacklisted,
        document_type, contact_msisdn_key, plain_name_key, name_front_key, name_back_key, plain_document_key,
        document_head_key, document_tail_key, plain_birth_date_key, birth_day_key, birth_month_key,
        birth_turned_key, plain_address_key, street_key, home_address_key,
        has_consent, area_id, operation_type = 'D' as is_deleted, created_at, updated_at, updated_on, known_on,
        superseded_on, delivery_id, row_no
    from stg_crm.party
    union all
    select
        customer_key, document_key, name_key, birth_year, gender, address_key, segment_type, vip_level, is_blacklisted,
        document_type, contact_msisdn_key, plain_name_key, name_front_key, name_back_key, plain_document_key,
        document_head_key, document_tail_key, plain_birth_date_key, birth_day_key, birth_month_key,
        birth_turned_key, plain_address_key, street_key, home_address_key,
        has_consent, area_id, false as is_deleted, created_at, updated_at, updated_on, known_on,
        superseded_on, delivery_id, row_no
    from stg_crm.party_full
    where
        updated_on > snapshot_on - 62
        and not exists (
            select 1 from stg_crm.party
            where party.customer_key = party_full.customer_key and party.updated_at = party_full.updated_at
        )
),

last_of_day as (
    select
        *,
        row_number() over (
            partition by customer_key, updated_on, known_on order by updated_at desc, delivery_id desc, row_no desc
        ) as place
    from told
    where superseded_on is null or superseded_on > known_on
),

telling as (
    select
        *,
        least(superseded_on, lead(known_on) over (partition by customer_key, updated_on order by known_on)) as known_to,
        min(updated_on) over (partition by customer_key) as first_on,
        coalesce(updated_at >= max(updated_at) over (
            partition by customer_key order by known_on, updated_at rows between unbounded preceding and 1 preceding
        ), true) as is_news
    from last_of_day
    where place = 1
),

dated as (
    select
        *,
        case when updated_on = first_on then least(updated_on, cast(created_at as date)) else updated_on end
            as valid_from,
        case when is_news then lead(known_on, 1, date '9999-12-31') over (
            partition by customer_key, is_news order by known_on, updated_at
        ) end as seen_to
    from telling
)

select
    customer_key,
    document_key,
    name_key,
    case when birth_year between 1900 and extract(year from updated_on) then birth_year end as birth_year,
    coalesce(gender, 'U') as gender,
    address_key,
    document_type,
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
    coalesce(segment_type, 'personal') as segment_type,
    coalesce(vip_level, 0) as vip_level,
    coalesce(is_blacklisted, false) as is_blacklisted,
    coalesce(has_consent, false) as has_consent,
    area_id,
    is_deleted,
    valid_from,
    case
        when known_to is null
            then lead(valid_from) over (partition by customer_key, known_to is null order by valid_from)
    end as valid_to,
    known_on as known_from,
    known_to,
    case
        when seen_to is null or known_on >= seen_to then null
        when known_on = (select min(known_on) from stg_crm.party) then date '1900-01-01'
        else known_on
    end as seen_from,
    case when known_on < seen_to then seen_to end as seen_to,
    known_to is null and lead(valid_from) over (partition by customer_key, known_to is null order by valid_from) is null
        as is_current,
    md5(concat_ws(
        '|', coalesce(document_key, 0), coalesce(name_key, 0), coalesce(birth_year, 0), coalesce(gender, ''),
        coalesce(address_key, 0), coalesce(segment_type, ''), coalesce(vip_level, 0), coalesce(is_blacklisted, false),
        coalesce(has_consent, false), coalesce(area_id, ''), is_deleted
    )) as row_hash
from dated
