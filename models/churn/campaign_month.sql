/*
description: What campaigns did with each line up to T, and how it uses electronic channels.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
optional: {stg_campaign.target: no campaigns, stg_echannel.session: no sessions}
reads:
  mart_campaign.target_month: 92 days
  core.fct_session: 61 days
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  campaigns_4: integer - Campaigns on whose frozen list the line stood in this or the three months before, controls included.
  control_campaigns_4: integer - Of these, those that left it alone by lot.
  campaign_contacts: integer - Contacts attempted in the month.
  campaign_contacts_4: integer - Contacts attempted in this and the three months before.
  campaign_reached_4: integer - Of these, that reached somebody.
  campaign_answers_4: integer - Answers.
  campaign_accepted_4: integer - Offers taken.
  months_since_reached: integer - Months since a contact last reached somebody, 0 to 3; null without.
  sessions_30: integer - Sessions in electronic channels in the month, robots left out.
  login_sessions: integer - Of these, logged in.
  app_sessions: integer - Of these, in the app.
  session_orders: integer - Orders placed in them.
  session_pages: integer - Pages seen in them.
  sessions_before: integer - Sessions in the month before.
  days_since_session: integer - Days since the last session, of this and the month before; null without.
*/
with

campaign as (
    select
        line.month_start,
        line.subscription_key,
        count(distinct target.campaign_id) as campaigns_4,
        count(distinct case when target.is_control then target.campaign_id end) as control_campaigns_4,
        sum(case when target.month_start = line.month_start then target.contacts else 0 end) as campaign_contacts,
        sum(target.contacts) as campaign_contacts_4,
        sum(target.contacts_reached) as campaign_reached_4,
        sum(target.answers) as campaign_answers_4,
        sum(target.acceptances) as campaign_accepted_4,
        min(
            case when target.contacts_reached > 0 then pf_month_diff(target.month_start, line.month_start) end
        ) as months_since_reached
    from churn.line_month as line
    inner join mart_campaign.target_month as target
        on
            line.subscription_key = target.subscription_key
            and line.month_start >= target.month_start
            and line.month_start <= target.month_start + interval 3 month
    group by line.month_start, line.subscription_key
),

session as (
    select
        line.month_start,
        line.subscription_key,
        count(*) filter (where session.started_on >= line.month_start) as sessions_30,
        count(*) filter (where session.started_on >= line.month_start and session.is_login) as login_sessions,
        count(*) filter (where session.started_on >= line.month_start and session.channel_type = 'app') as app_sessions,
        sum(case when session.started_on >= line.month_start then session.orders else 0 end) as session_orders,
        sum(case when session.started_on >= line.month_start then session.pages else 0 end) as session_pages,
        count(*) filter (where session.started_on < line.month_start) as sessions_before,
        min(date_diff('day', session.started_on, last_day(line.month_start))) as days_since_session
    from churn.line_month as line
    inner join core.fct_session as session
        on
            line.msisdn_key = session.msisdn_key
            and session.started_on <= last_day(line.month_start)
            and session.started_on >= line.month_start - interval 1 month
            and session.started_on >= last_day(line.month_start) - line.stay_days
    where not session.is_bot_suspect
    group by line.month_start, line.subscription_key
)

select
    line.month_start,
    line.subscription_key,
    coalesce(campaign.campaigns_4, 0) as campaigns_4,
    coalesce(campaign.control_campaigns_4, 0) as control_campaigns_4,
    coalesce(campaign.campaign_contacts, 0) as campaign_contacts,
    coalesce(campaign.campaign_contacts_4, 0) as campaign_contacts_4,
    coalesce(campaign.campaign_reached_4, 0) as campaign_reached_4,
    coalesce(campaign.campaign_answers_4, 0) as campaign_answers_4,
    coalesce(campaign.campaign_accepted_4, 0) as campaign_accepted_4,
    campaign.months_since_reached,
    coalesce(session.sessions_30, 0) as sessions_30,
    coalesce(session.login_sessions, 0) as login_sessions,
    coalesce(session.app_sessions, 0) as app_sessions,
    coalesce(session.session_orders, 0) as session_orders,
    coalesce(session.session_pages, 0) as session_pages,
    coalesce(session.sessions_before, 0) as sessions_before,
    session.days_since_session
from churn.line_month as line
left join campaign on line.month_start = campaign.month_start and line.subscription_key = campaign.subscription_key
left join session on line.month_start = session.month_start and line.subscription_key = session.subscription_key
