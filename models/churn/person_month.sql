/*
description: Whoever holds each line at T - other lines, those that left, the account, and the outlet that sold it, as known then.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
frozen: true
open_month: false
public: true
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  party_lines: integer - Lines of the customer in network, this one included; null when the customer is unknown.
  party_plans: integer - Plans of these.
  party_events: bigint - Events of these in the month.
  party_lost_30: integer - Lines of the customer that left in the 30 days up to T.
  party_lost_90: integer - The same, 90 days.
  account_lines: integer - Lines in network that the account pays for; null when the account is unknown.
  account_lost_90: integer - Lines that the account paid for and that left in the 90 days up to T.
  outlet_lines: integer - Lines in network sold by the outlet; null when unknown.
  outlet_lost_share: decimal(9,6) - Lines sold by it that left in the 90 days up to T over these and outlet_lines; null when unknown.
  outlet_silent_share: decimal(9,6) - Share of its lines without any event in the month.
  outlet_young_lines: integer - Its lines of at most 180 days.
  outlet_young_silent_share: decimal(9,6) - Share of these without any event in the month; null without such lines.
*/
with

-- Lines stay in the snapshot for ninety days after they left.
line as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        party_key,
        account_key,
        outlet_id,
        plan_id,
        is_in_network,
        mtd_events as events,
        tenure_days,
        date_diff('day', status_known_on, day) as lost_days
    from core.subscriber_day
    where day = last_day(day) and is_commercial and (is_in_network or status_type = 'terminated')
),

party as (
    select
        month_start,
        party_key,
        count(*) filter (where is_in_network) as party_lines,
        count(distinct case when is_in_network then plan_id end) as party_plans,
        sum(case when is_in_network then events else 0 end) as party_events,
        count(*) filter (where not is_in_network and lost_days < 30) as party_lost_30,
        count(*) filter (where not is_in_network) as party_lost_90
    from line
    where party_key <> -1
    group by month_start, party_key
),

account as (
    select
        month_start,
        account_key,
        count(*) filter (where is_in_network) as account_lines,
        count(*) filter (where not is_in_network) as account_lost_90
    from line
    where account_key <> -1
    group by month_start, account_key
),

outlet as (
    select
        month_start,
        outlet_id,
        count(*) filter (where is_in_network) as outlet_lines,
        count(*) filter (where not is_in_network) as outlet_lost_90,
        count(*) filter (where is_in_network and events = 0) as outlet_silent,
        count(*) filter (where is_in_network and tenure_days <= 180) as young_lines,
        count(*) filter (where is_in_network and tenure_days <= 180 and events = 0) as young_silent
    from line
    where outlet_id is not null
    group by month_start, outlet_id
)

select
    line.month_start,
    line.subscription_key,
    party.party_lines,
    party.party_plans,
    party.party_events,
    coalesce(party.party_lost_30, 0) as party_lost_30,
    coalesce(party.party_lost_90, 0) as party_lost_90,
    account.account_lines,
    coalesce(account.account_lost_90, 0) as account_lost_90,
    outlet.outlet_lines,
    round(pf_div(outlet.outlet_lost_90, outlet.outlet_lines + outlet.outlet_lost_90), 6) as outlet_lost_share,
    round(pf_div(outlet.outlet_silent, outlet.outlet_lines), 6) as outlet_silent_share,
    outlet.young_lines as outlet_young_lines,
    round(pf_div(outlet.young_silent, outlet.young_lines), 6) as outlet_young_silent_share
from line
left join party on line.month_start = party.month_start and line.party_key = party.party_key
left join account on line.month_start = account.month_start and line.account_key = account.account_key
left join outlet on line.month_start = outlet.month_start and line.outlet_id = outlet.outlet_id
where line.is_in_network
