/*
description: >-
  Each key line by day - use held against its own baseline, contacts with the operator, contract, manager, and what
  somebody should be told. A key line has a customer of high level or high bills; limits are in mart_keyaccount.threshold.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 14 months
scope: subscription_key
public: true
optional:
  stg_enterprise.member: no enterprises and no managers
  stg_care.ticket: no complaints
reads:
  core.contact_day: 6 days
  mart_mobility.contact_share_month: 62 days
  core.map_code: static
  mart_customer.interaction: 30 days
  mart_keyaccount.threshold: static
columns:
  day: date - Business day.
  subscription_key: bigint - Line.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  vip_level: integer - Level of the customer, 0 to 5; null when CRM had not told.
  is_top_value: boolean - A key line for its bills, judged when the month before closed.
  is_in_network: boolean - In the network at the close; else it left that day.
  enterprise_id: varchar - Enterprise that it belongs to; null without one.
  manager_name: varchar - Who looks after that enterprise; null when nobody does.
  plan_id: varchar - Plan.
  area_id: varchar - Area of the customer.
  balance_amt: decimal(18,2) - Prepaid balance; null when none had been delivered.
  arrears_amt: decimal(18,2) - Overdue of the account, the same on every line of it, so never to be summed.
  contract_end_on: date - Last day of the contract; null without one.
  recent_days: integer - Days in the network among the 28 up to this one.
  voice_s: bigint - Seconds talked in these days, as known when each closed.
  data_kb: bigint - Volume in these days in units of 1024 bytes, as known when each closed.
  voice_z: decimal(9,2) - Deviations of talk per day from the line's mean; null without baseline or with fewer than 28 days.
  data_z: decimal(9,2) - Deviations of volume per day from the line's mean; null likewise.
  mobile_contacts: integer - Calls and messages with mobile numbers in the 7 days up to this one.
  competitor_contacts: integer - Of these, those with numbers of other operators.
  usual_competitor_share: decimal(7,6) - Share of these in the month before; null without any contacts in it.
  roaming_seconds: bigint - Time talked while roaming on the day.
  roaming_bytes: bigint - Volume while roaming on the day.
  tickets: integer - Tickets opened in the 7 days up to this one.
  actions: integer - Contacts by campaigns and tickets opened in the 30 days up to this one.
  last_action_on: date - Day of the last of them; null without one.
  has_usage_drop: boolean - Talk or volume far below the line's own baseline.
  is_roaming: boolean - Talked or used data while roaming on the day.
  has_complaint: boolean - A ticket was opened lately.
  is_in_arrears: boolean - The account is overdue.
  has_competitor_calls: boolean - Has contact with other mobile operators far more than in the month before.
  is_contract_ending: boolean - The contract ends soon.
  alerts: integer - How many of these six hold.
checks:
  - alerts between 0 and 6
  - competitor_contacts <= mobile_contacts
*/
with

called as (
    select
        key_line.day,
        key_line.subscription_key,
        sum(contact.calls_made + contact.calls_received + contact.messages_sent + contact.messages_received)
            as mobile_contacts,
        sum(
            case
                when operator.std_code = 'competitor'
                    then contact.calls_made + contact.calls_received + contact.messages_sent + contact.messages_received
                else 0
            end
        ) as competitor_contacts
    from mart_keyaccount.key_line_day as key_line
    cross join mart_keyaccount.threshold as threshold
    inner join core.contact_day as contact
        on
            key_line.subscription_key = contact.subscription_key
            and key_line.day >= contact.day
            and contact.day > key_line.day - threshold.competitor_days
    inner join core.map_code as operator
        on
            operator.domain = 'operator_type'
            and operator.source = 'mediation'
            and operator.std_code in ('own', 'competitor')
            and contact.other_operator = operator.source_code
            and contact.day >= operator.valid_from
            and contact.day < operator.valid_to
    group by key_line.day, key_line.subscription_key
),

usual as (
    select
        month_start,
        subscription_key,
        sum(competitor_contacts) as competitor_contacts,
        sum(own_contacts + competitor_contacts) as mobile_contacts
    from mart_mobility.contact_share_month
    group by month_start, subscription_key
),

acted as (
    select
        key_line.day,
        key_line.subscription_key,
        count(*) as actions,
        count(*) filter (
            where action.interaction_type = 'ticket' and action.interaction_on > key_line.day - threshold.complaint_days
        ) as tickets,
        max(action.interaction_on) as last_action_on
    from mart_keyaccount.key_line_day as key_line
    cross join mart_keyaccount.threshold as threshold
    inner join mart_customer.interaction as action
        on
            key_line.subscription_key = action.subscription_key
            and key_line.day >= action.interaction_on
            and action.interaction_on > key_line.day - threshold.action_days
    where
        action.interaction_type = 'campaign'
        or (action.interaction_type = 'ticket' and action.outcome_type = 'opened')
    group by key_line.day, key_line.subscription_key
),

scored as (
    select
        line.day,
        line.subscription_key,
        line.party_key,
        line.vip_level,
        line.is_in_network,
        line.plan_id,
        line.area_id,
        line.balance_amt,
        line.arrears_amt,
        line.contract_end_on,
        key_line.is_top_value,
        key_line.enterprise_id,
        key_line.manager_name,
        key_line.recent_days,
        key_line.voice_s,
        key_line.data_kb,
        key_line.voice_s_mean * key_line.recent_days as usual_voice_s,
        key_line.data_kb_mean * key_line.recent_days as usual_data_kb,
        coalesce(called.mobile_contacts, 0) as mobile_contacts,
        coalesce(called.competitor_contacts, 0) as competitor_contacts,
        round(pf_div(usual.competitor_contacts, usual.mobile_contacts), 6) as usual_competitor_share,
        coalesce(used.voice_roaming_seconds, 0) as roaming_seconds,
        coalesce(used.data_roaming_bytes, 0) as roaming_bytes,
        coalesce(acted.tickets, 0) as tickets,
        coalesce(acted.actions, 0) as actions,
        acted.last_action_on,
        case
            when key_line.recent_days = threshold.recent_days and key_line.months >= threshold.least_months
                then round(pf_div(
                    pf_div(key_line.voice_s, key_line.recent_days) - key_line.voice_s_mean, key_line.voice_s_deviation
                ), 2)
        end as voice_z,
        case
            when key_line.recent_days = threshold.recent_days and key_line.months >= threshold.least_months
                then round(pf_div(
                    pf_div(key_line.data_kb, key_line.recent_days) - key_line.data_kb_mean, key_line.data_kb_deviation
                ), 2)
        end as data_z
    from mart_keyaccount.key_line_day as key_line
    cross join mart_keyaccount.threshold as threshold
    inner join core.subscriber_day as line
        on key_line.day = line.day and key_line.subscription_key = line.subscription_key
    left join called on key_line.day = called.day and key_line.subscription_key = called.subscription_key
    left join usual
        on
            cast(date_trunc('month', key_line.day) - interval 1 month as date) = usual.month_start
            and key_line.subscription_key = usual.subscription_key
    left join acted on key_line.day = acted.day and key_line.subscription_key = acted.subscription_key
    left join mart_usage.subscriber_day as used
        on key_line.day = used.day and key_line.subscription_key = used.subscription_key
),

told as (
    select
        scored.*,
        coalesce(
            (scored.voice_z <= threshold.drop_z and scored.voice_s <= threshold.drop_share * scored.usual_voice_s)
            or (scored.data_z <= threshold.drop_z and scored.data_kb <= threshold.drop_share * scored.usual_data_kb),
            false
        ) as has_usage_drop,
        scored.roaming_seconds > 0 or scored.roaming_bytes > 0 as is_roaming,
        scored.tickets > 0 as has_complaint,
        scored.arrears_amt >= threshold.arrears_amt as is_in_arrears,
        coalesce(
            scored.competitor_contacts >= threshold.competitor_contacts
            and scored.competitor_contacts
            >= (scored.usual_competitor_share + threshold.competitor_rise) * scored.mobile_contacts,
            false
        ) as has_competitor_calls,
        coalesce(
            scored.contract_end_on >= scored.day
            and scored.contract_end_on <= scored.day + threshold.contract_end_days,
            false
        ) as is_contract_ending
    from scored
    cross join mart_keyaccount.threshold as threshold
)

select
    day,
    subscription_key,
    party_key,
    vip_level,
    is_top_value,
    is_in_network,
    enterprise_id,
    manager_name,
    plan_id,
    area_id,
    balance_amt,
    arrears_amt,
    contract_end_on,
    recent_days,
    voice_s,
    data_kb,
    voice_z,
    data_z,
    mobile_contacts,
    competitor_contacts,
    usual_competitor_share,
    roaming_seconds,
    roaming_bytes,
    tickets,
    actions,
    last_action_on,
    has_usage_drop,
    is_roaming,
    has_complaint,
    is_in_arrears,
    has_competitor_calls,
    is_contract_ending,
    cast(has_usage_drop as integer) + cast(is_roaming as integer) + cast(has_complaint as integer)
    + cast(is_in_arrears as integer) + cast(has_competitor_calls as integer) + cast(is_contract_ending as integer)
        as alerts
from told
