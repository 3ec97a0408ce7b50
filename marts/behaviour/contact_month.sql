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

-- Every contact once, with what falls into each of the four kinds of time that parts are made of.
contact as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        subscription_key,
        is_call,
        other_msisdn_key,
        count(*) filter (where not is_weekend and not is_night) as n_1,
        count(*) filter (where not is_weekend and is_night) as n_2,
        count(*) filter (where is_weekend and not is_night) as n_3,
        count(*) filter (where is_weekend and is_night) as n_4,
        count(*) filter (where is_made and not is_weekend and not is_night) as made_1,
        count(*) filter (where is_made and not is_weekend and is_night) as made_2,
        count(*) filter (where is_made and is_weekend and not is_night) as made_3,
        count(*) filter (where is_made and is_weekend and is_night) as made_4,
        coalesce(sum(duration_s) filter (where not is_weekend and not is_night), 0) as seconds_1,
        coalesce(sum(duration_s) filter (where not is_weekend and is_night), 0) as seconds_2,
        coalesce(sum(duration_s) filter (where is_weekend and not is_night), 0) as seconds_3,
        coalesce(sum(duration_s) filter (where is_weekend and is_night), 0) as seconds_4
    from mart_behaviour.interaction
    where subscription_key <> -1 and other_msisdn_key is not null
    group by month_start, subscription_key, is_call, other_msisdn_key
),

part as (
    select
        part_no,
        max(case when not is_weekend and not is_night then 1 else 0 end) as has_1,
        max(case when not is_weekend and is_night then 1 else 0 end) as has_2,
        max(case when is_weekend and not is_night then 1 else 0 end) as has_3,
        max(case when is_weekend and is_night then 1 else 0 end) as has_4
    from mart_behaviour.part
    group by part_no
),

parted as (
    select
        month_start, subscription_key, is_call, part_no,
        cast(has_1 * n_1 + has_2 * n_2 + has_3 * n_3 + has_4 * n_4 as integer) as n,
        cast(has_1 * made_1 + has_2 * made_2 + has_3 * made_3 + has_4 * made_4 as integer) as made,
        cast(
            has_1 * seconds_1 + has_2 * seconds_2 + has_3 * seconds_3 + has_4 * seconds_4 as integer
        ) as seconds
    from contact
    cross join part
    where has_1 * n_1 + has_2 * n_2 + has_3 * n_3 + has_4 * n_4 > 0
),

-- Contacts of equally many interactions lie side by side: the order among them changes no count.
equal as (
    select
        month_start, subscription_key, is_call, part_no, n,
        count(*) as contacts,
        count(*) filter (where made > 0) as contacts_made,
        count(*) filter (where made < n) as contacts_received,
        sum(made) as made,
        sum(cast(made as bigint) * made) as made_squares,
        sum(seconds) as seconds
    from parted
    group by month_start, subscription_key, is_call, part_no, n
),

ranked as (
    select
        *,
        cast(sum(contacts * n) over (partition by subscription_key, is_call, part_no, month_start) as integer)
            as total_n,
        cast(sum(contacts * n) over (
            partition by subscription_key, is_call, part_no, month_start order by n desc
            rows between unbounded preceding and current row
        ) as integer) - contacts * n as n_before
    from equal
),

spread as (
    select
        month_start, subscription_key, is_call, part_no,
        sum(contacts) as contacts,
        sum(contacts_made) as contacts_made,
        sum(contacts_received) as contacts_received,
        sum(contacts * n) as n,
        sum(made) as made,
        sum(seconds) as seconds,
        sum(contacts * n * n) as n_squares,
        sum(made_squares) as made_squares,
        round(ln(sum(contacts * n)) - sum(contacts * n * ln(n)) / nullif(sum(contacts * n), 0), 6) as contact_entropy,
        sum(
            cast(ceil(least(contacts, greatest(0, (ceil(pareto_share * total_n) - n_before) / nullif(n, 0)))) as bigint)
        ) as pareto_contacts
    from ranked
    cross join mart_behaviour.threshold
    group by month_start, subscription_key, is_call, part_no
),

-- The order of contacts talked to equally long changes no count, as above.
talked as (
    select
        month_start, subscription_key, is_call, part_no, seconds,
        cast(sum(seconds) over (partition by subscription_key, part_no, month_start) as integer) as total_seconds,
        cast(sum(seconds) over (
            partition by subscription_key, part_no, month_start order by seconds desc
            rows between unbounded preceding and current row
        ) as integer) - seconds as seconds_before
    from parted
    where is_call
),

longest as (
    select
        month_start, subscription_key, is_call, part_no,
        count(*) filter (where seconds_before < ceil(pareto_share * total_seconds)) as pareto_duration_contacts
    from talked
    cross join mart_behaviour.threshold
    group by month_start, subscription_key, is_call, part_no
),

named as (
    select distinct part_no, week_part, day_part
    from mart_behaviour.part
)

select
    spread.month_start,
    spread.subscription_key,
    case when spread.is_call then 'call' else 'text' end as interaction_type,
    named.week_part,
    named.day_part,
    spread.contacts,
    spread.contacts_made,
    spread.contacts_received,
    spread.n as interactions,
    spread.made as interactions_made,
    spread.contact_entropy,
    round(pf_div(spread.n, spread.contacts), 6) as per_contact_mean,
    round(pf_div(sqrt(cast(spread.contacts * spread.n_squares - spread.n * spread.n as double)), spread.contacts), 6)
        as per_contact_sd,
    round(pf_div(spread.made, spread.n * spread.contacts), 6) as balance_mean,
    round(
        pf_div(
            sqrt(cast(spread.contacts * spread.made_squares - spread.made * spread.made as double)),
            spread.n * spread.contacts
        ), 6
    ) as balance_sd,
    spread.pareto_contacts,
    round(pf_div(spread.pareto_contacts, spread.n), 6) as pareto_share,
    case when spread.is_call then spread.seconds end as duration_s,
    longest.pareto_duration_contacts,
    round(pf_div(longest.pareto_duration_contacts, spread.n), 6) as pareto_duration_share
from spread
inner join named on spread.part_no = named.part_no
left join longest
    on
        spread.month_start = longest.month_start
        and spread.subscription_key = longest.subscription_key
        and spread.is_call = longest.is_call
        and spread.part_no = longest.part_no
