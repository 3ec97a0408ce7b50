/*
description: How the people behind each line call, write and move about up to T, by the measures of the toolbox bandicoot.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  behaviour_days: integer - Days with a call or message.
  weekend_days: integer - Of these, on weekends.
  night_days: integer - Days with a call or message at night.
  calls: integer - Calls that came about.
  call_initiated_share: decimal(9,6) - Share of these made by the line.
  call_duration_mean_s: decimal(18,3) - Mean duration.
  call_duration_median_s: decimal(18,1) - Median duration.
  call_duration_sd_s: decimal(18,3) - Standard deviation of the duration.
  call_nocturnal_share: decimal(9,6) - Share of the calls at night.
  call_gap_mean_s: decimal(18,3) - Mean time from call to call.
  call_gap_sd_s: decimal(18,3) - Standard deviation of these times.
  call_contacts: integer - Numbers called or heard from.
  call_contacts_made: integer - Of these, numbers called.
  call_contact_entropy: decimal(9,6) - Entropy of their shares.
  call_per_contact_mean: decimal(18,6) - Calls per number.
  call_balance_mean: decimal(9,6) - Share made, averaged over numbers.
  call_pareto_contacts: integer - Numbers that account for 80 % of the calls.
  texts: integer - Messages that came about.
  text_nocturnal_share: decimal(9,6) - Share of the messages at night.
  text_contacts: integer - Numbers written to or from.
  text_contact_entropy: decimal(9,6) - Entropy of their shares.
  conversations: integer - Conversations by message.
  response_share: decimal(9,6) - Share of those begun by others that the line answered.
  response_delay_mean_s: decimal(18,3) - Mean delay of the answers.
  antennas: integer - Cells called or written from.
  antenna_entropy: decimal(9,6) - Entropy of the half-hours in them.
  gyration_km: decimal(12,3) - Radius of gyration.
  placed_at_home_share: decimal(9,6) - Share of half-hours in the home cell.
  recharges: integer - Recharges.
  recharge_gap_mean_s: decimal(18,3) - Mean time from recharge to recharge.
  recharge_balance_amt: decimal(18,2) - Mean balance as bandicoot takes it from recharges.
*/
with

active as (
    select
        month_start,
        subscription_key,
        max(case when week_part = 'all' and day_part = 'all' then active_days end) as behaviour_days,
        max(case when week_part = 'weekend' and day_part = 'all' then active_days end) as weekend_days,
        max(case when week_part = 'all' and day_part = 'night' then active_days end) as night_days
    from mart_behaviour.active_month
    group by month_start, subscription_key
),

flow as (
    select
        month_start,
        subscription_key,
        max(case when interaction_type = 'call' then nocturnal_share end) as call_nocturnal_share,
        max(case when interaction_type = 'call' then gap_mean_s end) as call_gap_mean_s,
        max(case when interaction_type = 'call' then gap_sd_s end) as call_gap_sd_s,
        max(case when interaction_type = 'text' then interactions end) as texts,
        max(case when interaction_type = 'text' then nocturnal_share end) as text_nocturnal_share
    from mart_behaviour.interaction_month
    where week_part = 'all' and day_part = 'all'
    group by month_start, subscription_key
),

contact as (
    select
        month_start,
        subscription_key,
        max(case when interaction_type = 'call' then contacts end) as call_contacts,
        max(case when interaction_type = 'call' then contacts_made end) as call_contacts_made,
        max(case when interaction_type = 'call' then contact_entropy end) as call_contact_entropy,
        max(case when interaction_type = 'call' then per_contact_mean end) as call_per_contact_mean,
        max(case when interaction_type = 'call' then balance_mean end) as call_balance_mean,
        max(case when interaction_type = 'call' then pareto_contacts end) as call_pareto_contacts,
        max(case when interaction_type = 'text' then contacts end) as text_contacts,
        max(case when interaction_type = 'text' then contact_entropy end) as text_contact_entropy
    from mart_behaviour.contact_month
    where week_part = 'all' and day_part = 'all'
    group by month_start, subscription_key
)

select
    line.month_start,
    line.subscription_key,
    coalesce(active.behaviour_days, 0) as behaviour_days,
    coalesce(active.weekend_days, 0) as weekend_days,
    coalesce(active.night_days, 0) as night_days,
    coalesce(talk.calls, 0) as calls,
    talk.initiated_share as call_initiated_share,
    talk.duration_mean_s as call_duration_mean_s,
    talk.duration_median_s as call_duration_median_s,
    talk.duration_sd_s as call_duration_sd_s,
    flow.call_nocturnal_share,
    flow.call_gap_mean_s,
    flow.call_gap_sd_s,
    coalesce(contact.call_contacts, 0) as call_contacts,
    coalesce(contact.call_contacts_made, 0) as call_contacts_made,
    contact.call_contact_entropy,
    contact.call_per_contact_mean,
    contact.call_balance_mean,
    contact.call_pareto_contacts,
    coalesce(flow.texts, 0) as texts,
    flow.text_nocturnal_share,
    coalesce(contact.text_contacts, 0) as text_contacts,
    contact.text_contact_entropy,
    coalesce(text.conversations, 0) as conversations,
    text.response_share,
    text.response_delay_mean_s,
    coalesce(place.antennas, 0) as antennas,
    place.antenna_entropy,
    place.gyration_km,
    place.home_share as placed_at_home_share,
    coalesce(recharge.recharges, 0) as recharges,
    recharge.gap_mean_s as recharge_gap_mean_s,
    recharge.balance_mean_amt as recharge_balance_amt
from churn.line_month as line
left join active on line.month_start = active.month_start and line.subscription_key = active.subscription_key
left join flow on line.month_start = flow.month_start and line.subscription_key = flow.subscription_key
left join contact on line.month_start = contact.month_start and line.subscription_key = contact.subscription_key
left join mart_behaviour.call_month as talk
    on
        line.month_start = talk.month_start
        and line.subscription_key = talk.subscription_key
        and talk.week_part = 'all' and talk.day_part = 'all'
left join mart_behaviour.text_month as text
    on
        line.month_start = text.month_start
        and line.subscription_key = text.subscription_key
        and text.week_part = 'all' and text.day_part = 'all'
left join mart_behaviour.mobility_month as place
    on
        line.month_start = place.month_start
        and line.subscription_key = place.subscription_key
        and place.week_part = 'all' and place.day_part = 'all'
left join mart_behaviour.recharge_month as recharge
    on
        line.month_start = recharge.month_start
        and line.subscription_key = recharge.subscription_key
        and recharge.week_part = 'all' and recharge.day_part = 'all'
