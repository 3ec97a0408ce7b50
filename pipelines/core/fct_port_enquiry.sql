/*
description: Enquiries for the code that a customer needs to leave with the number, each once, with the line.
grain: [enquired_on, enquiry_no]
refresh: day
partition: enquired_on
scope: msisdn_key
public: true
reads:
  core.bridge_msisdn: changes
columns:
  enquiry_no: bigint - Enquiry as numbered by the clearing house.
  msisdn_key: bigint - Number asked about.
  subscription_key: bigint - Line that held the number at the time; -1 when none did.
  enquired_at: timestamp - When, UTC.
  enquired_on: date - Business day.
  channel_type: varchar - Channel used; null when not told.
watch:
  - subscription_key <> -1
*/
with

listed as (
    select
        *,
        row_number() over (partition by enquired_on, enquiry_no order by known_on, delivery_id, row_no) as place
    from stg_mnp.enquiry
    where superseded_on is null
)

select
    listed.enquiry_no,
    listed.msisdn_key,
    coalesce(bridge.subscription_key, -1) as subscription_key,
    listed.enquired_at,
    listed.enquired_on,
    listed.channel_type
from listed
left join core.bridge_msisdn as bridge
    on
        listed.msisdn_key = bridge.msisdn_key
        and listed.enquired_at >= bridge.valid_from
        and listed.enquired_at < bridge.valid_to
where listed.place = 1
