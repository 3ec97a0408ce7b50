/*
description: Every contact between customer and operator by day - orders, tickets, campaign contacts, payments, recharges, sessions.
grain: [interaction_on, interaction_type, interaction_no]
refresh: day
partition: interaction_on
public: true
optional:
  stg_care.ticket: no tickets in the timeline
  stg_campaign.contact: no campaign contacts in the timeline
  stg_echannel.session: no sessions in the timeline
columns:
  interaction_on: date - Business day, in the operator's time zone.
  interaction_type: varchar - order, ticket, campaign, payment, recharge or session.
  interaction_no: varchar - Number given by the source; of orders, the subscription; tickets have one row per change, with its time.
  occurred_at: timestamp - When it happened, UTC; null for orders, which are dated by the close that first knew them.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  subscription_key: bigint - Line it was about; -1 for an account or when unknown.
  channel_type: varchar - Where it took place; null when the source does not say.
  topic: varchar - Kind of order (activate, reactivate, terminate, plan_change), reason of the ticket, campaign, way of paying, or pages seen.
  outcome_type: varchar - Result as the source puts it; of tickets opened, updated or closed; null without one.
  amount_amt: decimal(18,2) - Money received, negative for a reversal; null where none is involved.
*/
with

line as (
    select day, subscription_key, msisdn_key, account_key, party_key, is_in_network
    from core.subscriber_day
),

contact as (
    select
        day, 'order' as kind, cast(subscription_key as varchar) as no, cast(null as timestamp) as happened_at,
        subscription_key, cast(null as bigint) as msisdn_key, cast(null as bigint) as account_key,
        cast(null as varchar) as channel_type,
        case
            when is_gross_add then 'activate'
            when is_reactivation then 'reactivate'
            when is_churn then 'terminate'
            else 'plan_change'
        end as topic,
        status_reason as outcome_type,
        cast(null as decimal(18, 2)) as amount_amt
    from core.subscriber_day
    where is_gross_add or is_reactivation or is_churn or is_plan_change
    union all
    select
        updated_on as day, 'ticket' as kind, ticket_no || ' ' || cast(updated_at as varchar) as no,
        updated_at as happened_at, max(subscription_key) as subscription_key, max(msisdn_key) as msisdn_key,
        null as account_key, max(channel_type) as channel_type, max(reason_group) as topic,
        max(
            case when closed_at <= updated_at then 'closed' when opened_at = updated_at then 'opened' else 'updated' end
        ) as outcome_type, null as amount_amt
    from stg_care.ticket
    where superseded_on is null
    group by updated_on, ticket_no, updated_at
    union all
    select
        contacted_on as day, 'campaign' as kind, cast(contact_no as varchar) as no, max(contacted_at) as happened_at,
        max(subscription_key) as subscription_key, null as msisdn_key, null as account_key,
        max(channel_type) as channel_type, max(campaign_id) as topic, max(outcome_type) as outcome_type,
        null as amount_amt
    from stg_campaign.contact
    where superseded_on is null
    group by contacted_on, contact_no
    union all
    select
        started_on as day, 'session' as kind, session_id as no, max(started_at) as happened_at,
        null as subscription_key, max(msisdn_key) as msisdn_key, null as account_key,
        max(channel_type) as channel_type, cast(max(pages) as varchar) as topic,
        case when max(orders) > 0 then 'ordered' end as outcome_type, null as amount_amt
    from stg_echannel.session
    where superseded_on is null and msisdn_key is not null and not is_bot_suspect
    group by started_on, session_id
    union all
    select
        paid_on as day, 'payment' as kind, payment_no as no, paid_at as happened_at, null as subscription_key,
        null as msisdn_key, account_key, channel_type, method_type as topic,
        case when is_reversal then 'reversed' end as outcome_type, paid_amt as amount_amt
    from core.fct_payment
    union all
    select
        recharged_on as day, 'recharge' as kind, recharge_no as no, recharged_at as happened_at, subscription_key,
        null as msisdn_key, null as account_key, channel_type, method_type as topic,
        case when is_reversal then 'reversed' end as outcome_type, recharged_amt as amount_amt
    from core.fct_recharge
),

number_day as (
    select day, msisdn_key, max(subscription_key) as subscription_key
    from line
    where is_in_network
    group by day, msisdn_key
),

account_day as (
    select day, account_key, min(party_key) as party_key
    from line
    group by day, account_key
)

select
    contact.day as interaction_on,
    contact.kind as interaction_type,
    contact.no as interaction_no,
    contact.happened_at as occurred_at,
    coalesce(line.party_key, account_day.party_key, -1) as party_key,
    coalesce(contact.subscription_key, number_day.subscription_key, -1) as subscription_key,
    contact.channel_type,
    contact.topic,
    contact.outcome_type,
    contact.amount_amt
from contact
left join number_day on contact.day = number_day.day and contact.msisdn_key = number_day.msisdn_key
left join line
    on
        contact.day = line.day
        and coalesce(contact.subscription_key, number_day.subscription_key) = line.subscription_key
left join account_day on contact.day = account_day.day and contact.account_key = account_day.account_key
