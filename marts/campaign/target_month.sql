/*
description: >-
  What happened to each line on a frozen list in the month of the campaign and the three months after: contacts, answers,
  use, revenue. Revenue is what was billed after discount; of prepaid lines, what was rated, because their fees are in no
  delivery.
grain: [month_start, campaign_id, subscription_key]
refresh: month
partition: month_start
keep: 26 months
scope: subscription_key
public: true
requires: [stg_campaign.target]
optional:
  stg_campaign.contact: nobody counts as contacted
  stg_campaign.response: nobody counts as having answered
reads:
  stg_campaign.target: 92 days
  mart_revenue.subscriber_month: 92 days
columns:
  month_start: date - First day of the month, in the operator's time zone.
  campaign_id: varchar - Campaign.
  subscription_key: bigint - Line on the list.
  is_control: boolean - Left alone by lot, for comparison.
  frozen_on: date - Day on which the list was frozen.
  months_since: integer - Months since the list was frozen, 0 to 3.
  contacts: integer - Contacts attempted in the month; above zero for a control, the comparison is spoilt.
  contacts_reached: integer - Of these, that reached somebody.
  answers: integer - Answers in the month, also without a contact.
  acceptances: integer - Answers that took the offer.
  is_in_network: boolean - In network when the month closed.
  revenue_amt: decimal(18,6) - Revenue of the month.
  revenue_before_amt: decimal(18,6) - Mean revenue of the three months before the campaign; null but in its own month.
  voice_seconds: bigint - Time talked, made and received.
  messages: bigint - Messages sent and received.
  data_bytes: bigint - Bytes up and down.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - months_since between 0 and 3
watch:
  - not is_control or contacts = 0
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by campaign_id, subscription_key order by frozen_at, known_on, delivery_id, row_no
        ) as place
    from stg_campaign.target
    where superseded_on is null
),

target as (
    select
        listed.campaign_id,
        listed.subscription_key,
        listed.is_control,
        listed.frozen_on,
        later.months_since,
        cast(date_trunc('month', listed.frozen_on) + later.months_since * interval 1 month as date) as month_start
    from listed
    cross join (values (0), (1), (2), (3)) as later (months_since)
    where listed.place = 1
),

contact as (
    select
        cast(date_trunc('month', contacted_on) as date) as month_start,
        campaign_id,
        subscription_key,
        count(distinct contact_no) as contacts,
        count(distinct case when outcome_type = 'reached' then contact_no end) as contacts_reached
    from stg_campaign.contact
    where superseded_on is null
    group by cast(date_trunc('month', contacted_on) as date), campaign_id, subscription_key
),

answer as (
    select
        cast(date_trunc('month', responded_on) as date) as month_start,
        campaign_id,
        subscription_key,
        count(distinct response_no) as answers,
        count(distinct case when is_accepted then response_no end) as acceptances
    from stg_campaign.response
    where superseded_on is null
    group by cast(date_trunc('month', responded_on) as date), campaign_id, subscription_key
),

earned as (
    select
        month_start,
        subscription_key,
        case when pay_type = 'prepaid' then charge_amt else revenue_amt end as revenue_amt
    from mart_revenue.subscriber_month
),

earlier as (
    select
        target.campaign_id,
        target.subscription_key,
        target.month_start,
        sum(earned.revenue_amt) / 3 as revenue_before_amt
    from target
    inner join earned
        on
            target.subscription_key = earned.subscription_key
            and target.month_start > earned.month_start
            and earned.month_start >= target.month_start - interval 3 month
    where target.months_since = 0
    group by target.campaign_id, target.subscription_key, target.month_start
)

select
    target.month_start,
    target.campaign_id,
    target.subscription_key,
    target.is_control,
    target.frozen_on,
    target.months_since,
    coalesce(contact.contacts, 0) as contacts,
    coalesce(contact.contacts_reached, 0) as contacts_reached,
    coalesce(answer.answers, 0) as answers,
    coalesce(answer.acceptances, 0) as acceptances,
    coalesce(used.is_in_network, false) as is_in_network,
    coalesce(earned.revenue_amt, 0) as revenue_amt,
    case when target.months_since = 0 then coalesce(earlier.revenue_before_amt, 0) end as revenue_before_amt,
    coalesce(used.voice_seconds, 0) as voice_seconds,
    coalesce(used.sms_sent + used.sms_received, 0) as messages,
    coalesce(used.data_bytes, 0) as data_bytes,
    last_day(target.month_start) <= getvariable('as_of') as is_closed
from target
left join contact
    on
        target.month_start = contact.month_start
        and target.campaign_id = contact.campaign_id
        and target.subscription_key = contact.subscription_key
left join answer
    on
        target.month_start = answer.month_start
        and target.campaign_id = answer.campaign_id
        and target.subscription_key = answer.subscription_key
left join earned on target.month_start = earned.month_start and target.subscription_key = earned.subscription_key
left join earlier
    on
        target.month_start = earlier.month_start
        and target.campaign_id = earlier.campaign_id
        and target.subscription_key = earlier.subscription_key
left join mart_usage.subscriber_month as used
    on target.month_start = used.month_start and target.subscription_key = used.subscription_key
where target.month_start <= getvariable('as_of')
