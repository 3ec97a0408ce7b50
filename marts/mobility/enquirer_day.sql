/*
description: Lines for which somebody enquired about leaving in the 30 days up to a day, with what they were at its close.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 14 months
scope: subscription_key
public: true
requires: [stg_mnp.enquiry]
reads:
  core.fct_port_enquiry: 30 days
  mart_mobility.threshold: static
columns:
  day: date - Business day; the span ends with it.
  subscription_key: bigint - Line.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  pay_type: varchar - prepaid or postpaid.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  vip_level: integer - 0 to 5; null when CRM had not told.
  is_commercial: boolean - Belongs to the commercial population.
  is_in_network: boolean - Still in the network.
  is_contract_bound: boolean - In the network with a contract that ends after the day.
  enquiries: integer - Enquiries in the span.
  first_enquired_on: date - Day of the first of them.
  last_enquired_on: date - Day of the last of them.
checks:
  - first_enquired_on <= last_enquired_on and last_enquired_on <= day
*/
select
    line.day,
    line.subscription_key,
    max(line.party_key) as party_key,
    max(line.pay_type) as pay_type,
    max(line.brand) as brand,
    max(line.plan_id) as plan_id,
    max(line.area_id) as area_id,
    max(line.channel_type) as channel_type,
    max(line.segment_type) as segment_type,
    max(line.vip_level) as vip_level,
    bool_and(line.is_commercial) as is_commercial,
    bool_and(line.is_in_network) as is_in_network,
    bool_and(line.is_contract_bound) as is_contract_bound,
    count(*) as enquiries,
    min(enquiry.enquired_on) as first_enquired_on,
    max(enquiry.enquired_on) as last_enquired_on
from core.fct_port_enquiry as enquiry
cross join mart_mobility.threshold as threshold
inner join core.subscriber_day as line
    on
        enquiry.subscription_key = line.subscription_key
        and enquiry.enquired_on <= line.day
        and line.day < enquiry.enquired_on + threshold.enquiry_days
group by line.day, line.subscription_key
