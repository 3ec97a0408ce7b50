/*
description: With how many a line calls or writes and how it is spread over them, by month, kind and part of week and day.
grain: [month_start, subscription_key, interaction_type, week_part, day_part]
refresh: month
partition: month_start
keep: 14 months
scope: subscription_key
open_month: false
public: true
reads:
  mart_behaviour.part: static
  mart_behaviour.threshold: static
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription; numbers that nobody is known to hold are left out.
  interaction_type: varchar - call or text; those of withheld numbers never count.
  week_part: varchar - all, weekday or weekend; parts without any have no row.
  day_part: varchar - all, day or night (19:00 to 07:00).
  contacts: integer - Different parties in the part and month (bandicoot number_of_contacts).
  contacts_made: integer - Of these, those called or written to (number_of_contacts, direction out).
  contacts_received: integer - Of these, those that called or wrote (number_of_contacts, direction in).
  interactions: integer - Calls or messages with them.
  interactions_made: integer - Of these, made or sent.
  contact_entropy: decimal(9,6) - Shannon entropy of the contacts' shares in the interactions, natural logarithm (entropy_of_contacts).
  per_contact_mean: decimal(18,6) - Interactions per contact, mean (interactions_per_contact, mean).
  per_contact_sd: decimal(18,6) - The same, standard deviation over all contacts (interactions_per_contact, std).
  balance_mean: decimal(9,6) - Mean over contacts of what was made to each over all interactions (balance_of_contacts, weighted, mean).
  balance_sd: decimal(9,6) - The same, standard deviation over all contacts (balance_of_contacts, weighted, std).
  pareto_contacts: integer - Contacts, the most frequent first, that account for 80 % of the interactions, rounded up.
  pareto_share: decimal(9,6) - The same over interactions, not over contacts, as bandicoot has it (percent_pareto_interactions).
  duration_s: bigint - Duration of the calls with them in seconds; null for texts.
  pareto_duration_contacts: integer - Contacts, the longest talked to first, that account for 80 % of the duration; null for texts.
  pareto_duration_share: decimal(9,6) - The same over interactions, as bandicoot has it (percent_pareto_durations); null for texts.
checks:
  - contacts between 1 and interactions
  - contacts_made <= contacts and contacts_received <= contacts and contacts <= contacts_made + contacts_received
  - pareto_contacts between 1 and contacts
  - pareto_duration_contacts is null or pareto_duration_contacts <= contacts
*/
with

contact as (
    select
        cast(date_trunc('month', call.day) as date) as month_start,
        call.subscription_key,
        call.is_call,
        part.week_part,
        part.day_part,
        call.other_msisdn_key,
        count(*) as n,
        count(*) filter (where call.is_made) as made,
        sum(call.duration_s) as seconds
    from mart_behaviour.interaction as call
    inner join mart_behaviour.part as part on call.is_weekend = part.is_weekend and call.is_night = part.is_night
    where call.subscription_key <> -1 and call.other_msisdn_key is not null
    group by month_start, call.subscription_key, call.is_call, part.week_part, part.day_part, call.other_msisdn_key
),

-- What the weightier contacts before each account for; of equal ones the order changes no count.
ranked as (
    select
        *,
        sum(n) over line as total_n,
        sum(seconds) over line as total_seconds,
        sum(n) over (
            partition by month_start, subscription_key, is_call, week_part, day_part
            order by n desc, other_msisdn_key asc
            rows between unbounded preceding and current row
        ) - n as n_before,
        sum(seconds) over (
            partition by month_start, subscription_key, is_call, week_part, day_part
            order by seconds desc, other_msisdn_key asc
            rows between unbounded preceding and current row
        ) - seconds as seconds_before
    from contact
    window line as (partition by month_start, subscription_key, is_call, week_part, day_part)
),

spread as (
    select
        month_start,
        subscription_key,
        is_call,
        week_part,
        day_part,
        count(*) as contacts,
        count(*) filter (where made > 0) as contacts_made,
        count(*) filter (where made < n) as contacts_received,
        sum(n) as n,
        sum(made) as made,
        sum(seconds) as seconds,
        sum(n * n) as n_squares,
        sum(made * made) as made_squares,
        round(ln(sum(n)) - sum(n * ln(n)) / nullif(sum(n), 0), 6) as contact_entropy,
        count(*) filter (where n_before < ceil(pareto_share * total_n)) as pareto_contacts,
        count(*) filter (where seconds_before < ceil(pareto_share * total_seconds)) as pareto_duration_contacts
    from ranked
    cross join mart_behaviour.threshold
    group by month_start, subscription_key, is_call, week_part, day_part
)

select
    month_start,
    subscription_key,
    case when is_call then 'call' else 'text' end as interaction_type,
    week_part,
    day_part,
    contacts,
    contacts_made,
    contacts_received,
    n as interactions,
    made as interactions_made,
    contact_entropy,
    round(pf_div(n, contacts), 6) as per_contact_mean,
    round(pf_div(sqrt(cast(contacts * n_squares - n * n as double)), contacts), 6) as per_contact_sd,
    round(pf_div(made, n * contacts), 6) as balance_mean,
    round(pf_div(sqrt(cast(contacts * made_squares - made * made as double)), n * contacts), 6) as balance_sd,
    pareto_contacts,
    round(pf_div(pareto_contacts, n), 6) as pareto_share,
    case when is_call then seconds end as duration_s,
    case when is_call then pareto_duration_contacts end as pareto_duration_contacts,
    case when is_call then round(pf_div(pareto_duration_contacts, n), 6) end as pareto_duration_share
from spread
