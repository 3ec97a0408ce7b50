/*
description: Every subscription at the close of every day, as known at that close, until 90 days after it left.
grain: [day, subscription_key]
refresh: day
partition: day
keep: 26 months
scope: subscription_key
frozen: true
public: true
reads:
  core.subscriber_day: 1 days
  core.dim_date: static
columns:
  day: date - Business day.
  subscription_key: bigint - Subscription.
  msisdn_key: bigint - Phone number; the last one once terminated.
  customer_key: bigint - Customer record.
  party_key: bigint - Party; -1 when CRM had not told of the customer.
  account_key: bigint - Account that pays; -1 when provisioning did not say.
  plan_id: varchar - Tariff plan.
  brand: varchar - Brand sold under.
  pay_type: varchar - prepaid or postpaid.
  line_type: varchar - handset, data_card or m2m.
  outlet_id: varchar - Outlet that sold it.
  channel_type: varchar - Type of that outlet; null when unknown.
  area_id: varchar - Area of the customer.
  segment_type: varchar - Segment of the customer; for a terminated line, that of its last day in the network.
  vip_level: integer - 0 (none) to 5; null when CRM had not told of the customer.
  status_type: varchar - pre_open, active, suspended or terminated.
  status_reason: varchar - Reason of the event that brought the status.
  status_known_on: date - First business day that closed with that event; of history told at the start, the day of the event.
  is_in_network: boolean - Active or suspended.
  is_test: boolean - Whether the operator uses it for tests.
  is_commercial: boolean - Neither a test line nor of a test or official customer; kept as it was when the line left.
  first_activated_on: date - Business day of the first activation; null before.
  activated_on: date - Business day on which the current or last stay in the network began; null before.
  tenure_days: integer - Days since the first activation; null before.
  tenure_months: integer - Calendar months since the first activation; null before.
  contract_end_on: date - Last day of the contract; null without one.
  is_contract_bound: boolean - In the network with a contract that ends after the day.
  is_convergent: boolean - On a plan with broadband.
  is_gross_add: boolean - First activation ever, known with this close; older than an event may be late, it is a migration.
  is_reactivation: boolean - Back in the network after having left it; not a first activation.
  is_churn: boolean - In the network at the last close, or activated since, and out at this one.
  churn_type: varchar - voluntary, involuntary (arrears, fraud) or port_out, on every day that it is terminated; else null.
  is_port_in: boolean - Ported in, known with this close.
  is_port_out: boolean - Ported out, known with this close.
  is_plan_change: boolean - In the network on both closes, on another plan.
  is_migration_in: boolean - In the network on both closes, under another pay type or brand than before; or an old line taken over.
  is_migration_out: boolean - The same change of pay type or brand, seen from those before.
  pay_type_before: varchar - Pay type at the last close; null unless the line was in the network then.
  brand_before: varchar - Brand at the last close; null unless the line was in the network then.
  is_active: boolean - Any call, message or data session that day.
  is_voice_active: boolean - Any call that day.
  is_data_active: boolean - Any data session that day.
  events: bigint - Calls, messages and data sessions.
  voice_s: bigint - Seconds talked, calls made and received.
  billed_minutes: bigint - Started minutes of calls made.
  sms: bigint - Messages sent.
  bytes: bigint - Bytes up and down.
  charge_amt: decimal(18,6) - Rated charges.
  mtd_active_days: integer - Days with use since the first of the month, this day included; as each day closed.
  mtd_events: bigint - Events since the first of the month.
  mtd_voice_s: bigint - Seconds talked since the first of the month.
  mtd_billed_minutes: bigint - Started minutes since the first of the month.
  mtd_sms: bigint - Messages sent since the first of the month.
  mtd_bytes: bigint - Bytes since the first of the month.
  mtd_charge_amt: decimal(18,6) - Rated charges since the first of the month.
  balance_amt: decimal(18,2) - Prepaid balance; null when none had been delivered.
  account_overdue_amt: decimal(18,2) - Bills of the account past due less payments and credits; negative when paid ahead.
  arrears_amt: decimal(18,2) - Overdue of the account, at least 0; the same on every line of the account, so never to be summed.
  last_event_on: date - Last day with any use; null before the first.
checks:
  - is_in_network = (status_type in ('active', 'suspended'))
  - not (is_gross_add and is_reactivation)
  - not (is_churn and is_in_network)
  - tenure_days is null or tenure_days >= 0
  - events = 0 or is_active
watch:
  - party_key <> -1
  - status_type <> 'active' or first_activated_on is not null
*/
with

day as (
    select day from core.dim_date
    where day between getvariable('from_day') and getvariable('to_day')
    union
    select getvariable('to_day') as day   -- a night needs no calendar
),

yesterday as (
    select
        *,
        cast(day + interval 1 day as date) as next_day,
        date_trunc('month', getvariable('from_day')) = date_trunc('month', day) as is_same_month
    from core.subscriber_day
    where day = getvariable('from_day') - 1
),

heard_of as (
    select * from core.subscription_state
),

-- A line of which the run heard nothing is what it was yesterday.
state as (
    select
        subscription_key, from_day, to_day, is_change, status_type, status_reason, status_known_on, is_in_network,
        was_in_network, was_ever_in_network, first_activated_on, activated_on, customer_key, account_key, msisdn_key,
        msisdn_key_before, plan_id, plan_id_before, pay_type, pay_type_before, brand, brand_before, line_type,
        outlet_id, is_test, contract_end_on, has_port_in, has_port_out
    from heard_of
    union all
    select
        line.subscription_key, line.next_day as from_day, date '9999-12-31' as to_day, false as is_change,
        line.status_type, line.status_reason, line.status_known_on, line.is_in_network,
        line.is_in_network as was_in_network, true as was_ever_in_network, line.first_activated_on, line.activated_on,
        line.customer_key, nullif(line.account_key, -1) as account_key, line.msisdn_key,
        line.msisdn_key as msisdn_key_before, line.plan_id, line.plan_id as plan_id_before,
        line.pay_type, line.pay_type as pay_type_before, line.brand, line.brand as brand_before,
        line.line_type, line.outlet_id, line.is_test, line.contract_end_on, false as has_port_in, false as has_port_out
    from yesterday as line
    left join heard_of on line.subscription_key = heard_of.subscription_key
    where heard_of.subscription_key is null
),

line as (
    select
        day.day,
        state.*,
        state.is_change and state.from_day = day.day as is_turn,
        state.is_change and state.from_day = day.day and state.is_in_network and state.was_in_network and (
            coalesce(state.pay_type <> state.pay_type_before, false)
            or coalesce(state.brand <> state.brand_before, false)
        ) as is_migration,
        coalesce(state.first_activated_on >= day.day - getvariable('late_days'), false) as is_young,
        case when state.status_type = 'terminated' then state.status_known_on - 1 else day.day end as member_on
    from state
    inner join day on state.from_day <= day.day and state.to_day > day.day
    where state.status_type <> 'terminated' or day.day <= state.status_known_on + 90
),

-- A number's day goes to the line that held it at the close, or until it left or changed its number that day.
candidate as (
    select day, msisdn_key, subscription_key, is_in_network, status_known_on
    from line
    where is_in_network or is_turn
    union all
    select day, msisdn_key_before as msisdn_key, subscription_key, false as is_in_network, status_known_on
    from line
    where is_turn and was_in_network and msisdn_key_before <> msisdn_key
),

contested as (
    select day, msisdn_key
    from candidate
    group by day, msisdn_key
    having count(*) > 1
),

claim as (
    select
        candidate.*,
        row_number() over (
            partition by candidate.day, candidate.msisdn_key
            order by candidate.is_in_network desc, candidate.status_known_on desc, candidate.subscription_key desc
        ) as place
    from candidate
    inner join contested on candidate.day = contested.day and candidate.msisdn_key = contested.msisdn_key
),

holder as (
    select candidate.day, candidate.msisdn_key, candidate.subscription_key
    from candidate
    left join contested on candidate.day = contested.day and candidate.msisdn_key = contested.msisdn_key
    where contested.msisdn_key is null
    union all
    select day, msisdn_key, subscription_key
    from claim
    where place = 1
),

used as (
    select
        holder.day,
        holder.subscription_key,
        sum(usage.events) as events,
        sum(case when usage.service_type = 'voice' then usage.events else 0 end) as voice_events,
        sum(case when usage.service_type = 'data' then usage.events else 0 end) as data_events,
        sum(usage.duration_s) as voice_s,
        sum(usage.billed_minutes) as billed_minutes,
        sum(case when usage.service_type = 'sms' and usage.direction_type = 'mo' then usage.events else 0 end) as sms,
        sum(usage.bytes_up + usage.bytes_down) as bytes,
        sum(usage.charge_amt) as charge_amt
    from core.usage_day_version as usage
    inner join holder on usage.day = holder.day and usage.msisdn_key = holder.msisdn_key
    where usage.was_known
    group by holder.day, holder.subscription_key
),

-- The first day of a run goes on from the day before it; later days add up within the run.
opening as (
    select
        line.day,
        line.subscription_key,
        coalesce(used.events, 0) as events,
        coalesce(used.voice_events, 0) as voice_events,
        coalesce(used.data_events, 0) as data_events,
        coalesce(used.voice_s, 0) as voice_s,
        coalesce(used.billed_minutes, 0) as billed_minutes,
        coalesce(used.sms, 0) as sms,
        coalesce(used.bytes, 0) as bytes,
        coalesce(used.charge_amt, 0) as charge_amt,
        case when used.events > 0 then line.day else yesterday.last_event_on end as used_on,
        case when yesterday.is_same_month then yesterday.mtd_active_days else 0 end as active_days_before,
        case when yesterday.is_same_month then yesterday.mtd_events else 0 end as events_before,
        case when yesterday.is_same_month then yesterday.mtd_voice_s else 0 end as voice_s_before,
        case when yesterday.is_same_month then yesterday.mtd_billed_minutes else 0 end as billed_minutes_before,
        case when yesterday.is_same_month then yesterday.mtd_sms else 0 end as sms_before,
        case when yesterday.is_same_month then yesterday.mtd_bytes else 0 end as bytes_before,
        case when yesterday.is_same_month then yesterday.mtd_charge_amt else 0 end as charge_before_amt
    from line
    left join used on line.day = used.day and line.subscription_key = used.subscription_key
    left join yesterday on line.day = yesterday.next_day and line.subscription_key = yesterday.subscription_key
),

to_date as (
    select
        day,
        subscription_key,
        events,
        voice_events,
        data_events,
        voice_s,
        billed_minutes,
        sms,
        bytes,
        charge_amt,
        sum(active_days_before + case when events > 0 then 1 else 0 end) over so_far as mtd_active_days,
        sum(events_before + events) over so_far as mtd_events,
        sum(voice_s_before + voice_s) over so_far as mtd_voice_s,
        sum(billed_minutes_before + billed_minutes) over so_far as mtd_billed_minutes,
        sum(sms_before + sms) over so_far as mtd_sms,
        sum(bytes_before + bytes) over so_far as mtd_bytes,
        sum(charge_before_amt + charge_amt) over so_far as mtd_charge_amt,
        max(used_on) over (
            partition by subscription_key order by day rows between unbounded preceding and current row
        ) as last_event_on
    from opening
    window so_far as (
        partition by subscription_key, date_trunc('month', day) order by day
        rows between unbounded preceding and current row
    )
),

balance as (
    select
        day,
        subscription_key,
        balance_amt,
        row_number() over (
            partition by day, subscription_key order by known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_payments.balance
    where known_on <= day and (superseded_on is null or superseded_on > day)
),

-- An account without a line at the last close begins at zero.
account as (
    select account_key, next_day as day, max(account_overdue_amt) as change_amt
    from yesterday
    group by account_key, next_day
    union all
    select account_key, day, change_amt from core.account_overdue_change
),

overdue as (
    select
        account_key,
        day as from_day,
        lead(day, 1, date '9999-12-31') over (partition by account_key order by day) as to_day,
        sum(sum(change_amt)) over (
            partition by account_key order by day rows between unbounded preceding and current row
        ) as overdue_amt
    from account
    group by account_key, day
),

-- The channel of an outlet as first heard: a file that comes late must not change a closed day.
channel as (
    select
        outlet_id,
        channel_type,
        min(known_on) as seen_from,
        lead(min(known_on), 1, date '9999-12-31') over (
            partition by outlet_id order by min(known_on), channel_type
        ) as seen_to
    from stg_channel.outlet
    group by outlet_id, channel_type
),

convergent_plan as (
    select plan_id, min(known_on) as seen_from
    from stg_catalogue.plan_version
    where is_convergent
    group by plan_id
)

select
    line.day,
    line.subscription_key,
    line.msisdn_key,
    line.customer_key,
    coalesce(xref.party_key, -1) as party_key,
    coalesce(line.account_key, -1) as account_key,
    line.plan_id,
    line.brand,
    line.pay_type,
    line.line_type,
    line.outlet_id,
    channel.channel_type,
    customer.area_id,
    customer.segment_type,
    customer.vip_level,
    line.status_type,
    line.status_reason,
    line.status_known_on,
    line.is_in_network,
    coalesce(line.is_test, false) as is_test,
    not coalesce(line.is_test, false) and coalesce(customer.segment_type, 'personal') not in ('test', 'official')
        as is_commercial,
    line.first_activated_on,
    line.activated_on,
    date_diff('day', line.first_activated_on, line.day) as tenure_days,
    pf_month_diff(line.first_activated_on, line.day) as tenure_months,
    line.contract_end_on,
    line.is_in_network and coalesce(line.contract_end_on > line.day, false) as is_contract_bound,
    convergent_plan.plan_id is not null as is_convergent,
    line.is_turn and not line.was_ever_in_network and line.is_young as is_gross_add,
    line.is_turn and line.is_in_network and not line.was_in_network and line.was_ever_in_network as is_reactivation,
    line.is_turn and not line.is_in_network
    and (line.was_in_network or (not line.was_ever_in_network and line.is_young)) as is_churn,
    case
        when line.status_type = 'terminated' then coalesce(reason.std_code, 'UNK')
    end as churn_type,
    line.is_turn and line.has_port_in as is_port_in,
    line.is_turn and line.has_port_out as is_port_out,
    line.is_turn and line.is_in_network and line.was_in_network and coalesce(line.plan_id <> line.plan_id_before, false)
        as is_plan_change,
    line.is_migration or (line.is_turn and line.is_in_network and not line.was_ever_in_network and not line.is_young)
        as is_migration_in,
    line.is_migration as is_migration_out,
    case
        when line.is_turn then case when line.was_in_network then line.pay_type_before end
        when line.is_in_network then line.pay_type
    end as pay_type_before,
    case
        when line.is_turn then case when line.was_in_network then line.brand_before end
        when line.is_in_network then line.brand
    end as brand_before,
    to_date.events > 0 as is_active,
    to_date.voice_events > 0 as is_voice_active,
    to_date.data_events > 0 as is_data_active,
    to_date.events,
    to_date.voice_s,
    to_date.billed_minutes,
    to_date.sms,
    to_date.bytes,
    to_date.charge_amt,
    to_date.mtd_active_days,
    to_date.mtd_events,
    to_date.mtd_voice_s,
    to_date.mtd_billed_minutes,
    to_date.mtd_sms,
    to_date.mtd_bytes,
    to_date.mtd_charge_amt,
    balance.balance_amt,
    coalesce(overdue.overdue_amt, 0) as account_overdue_amt,
    greatest(coalesce(overdue.overdue_amt, 0), 0) as arrears_amt,
    to_date.last_event_on
from line
inner join to_date on line.day = to_date.day and line.subscription_key = to_date.subscription_key
left join core.dim_customer as customer
    on
        line.customer_key = customer.customer_key
        and line.member_on >= customer.seen_from
        and line.member_on < customer.seen_to
left join core.xref_party as xref
    on
        line.customer_key = xref.customer_key
        and line.day >= xref.valid_from
        and line.day < xref.valid_to
left join channel
    on
        line.outlet_id = channel.outlet_id
        and line.day >= channel.seen_from
        and line.day < channel.seen_to
left join core.map_code as reason
    on
        reason.domain = 'churn_type'
        and reason.source = 'provisioning'
        and coalesce(line.status_reason, '') = reason.source_code
        and line.status_known_on >= reason.valid_from
        and line.status_known_on < reason.valid_to
left join convergent_plan on line.plan_id = convergent_plan.plan_id and line.day >= convergent_plan.seen_from
left join balance
    on line.day = balance.day and line.subscription_key = balance.subscription_key and balance.place = 1
left join overdue
    on
        line.account_key = overdue.account_key
        and line.day >= overdue.from_day
        and line.day < overdue.to_day
