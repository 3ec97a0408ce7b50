/*
description: Everything known of a customer by month - lines, tenure, use, bill, arrears and contacts; customers with a line.
grain: [month_start, party_key]
refresh: month
partition: month_start
keep: 60 months
scope: party_key
public: true
reads: {mart_usage.subscriber_month: 153 days}
requires: [mart_usage.subscriber_month, mart_revenue.subscriber_month, mart_revenue.arrears_month]
columns:
  month_start: date - First day of the month, in the operator's time zone.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  area_id: varchar - Area of the customer.
  segment_type: varchar - Segment of the customer.
  vip_level: integer - Level of the customer, 0 to 5.
  is_commercial: boolean - At least one line belongs to the commercial population.
  lines_in_network: integer - Lines in network when the month closed.
  postpaid_lines: integer - Of these, postpaid.
  contract_lines: integer - Of these, bound by a contract that ends later.
  convergent_lines: integer - Of these, in a convergent bundle.
  left_lines: integer - Lines out of the network, seen for 90 days after they left.
  plans: integer - Different plans of the lines in network.
  tenure_months: integer - Full months since the oldest of its lines was activated.
  active_lines: integer - Lines with any event in the month.
  billed_minutes: bigint - Minutes of calls made, each call rounded up.
  sms_sent: integer - Messages sent.
  data_gb: decimal(18,6) - Bytes up and down in units of 1024 x 1024 x 1024.
  billed_minutes_6_months: bigint - Minutes of this and the five months before.
  data_gb_6_months: decimal(18,6) - Volume of this and the five months before.
  revenue_amt: decimal(18,2) - Billed after discount, without tax; zero before the bill has arrived.
  recharge_amt: decimal(18,2) - Recharges less reversals.
  paid_amt: decimal(18,2) - Payments less reversals.
  unpaid_amt: decimal(18,2) - Owed when the month closed.
  orders: integer - Activations, reactivations, terminations and plan changes of its lines.
  tickets: integer - Tickets opened.
  campaign_contacts: integer - Contacts attempted by campaigns.
  sessions: integer - Sessions in electronic channels.
  last_contact_on: date - Last day of any of these; null without one.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - lines_in_network + left_lines > 0
  - active_lines >= 0 and plans <= lines_in_network
*/
with

customer as (
    select
        cast(date_trunc('month', day) as date) as month_start,
        coalesce(party_key, -1) as party_key,
        min(area_id) as area_id,
        min(segment_type) as segment_type,
        max(vip_level) as vip_level,
        coalesce(bool_or(is_commercial), false) as is_commercial,
        count(*) filter (where is_in_network) as lines_in_network,
        count(*) filter (where is_in_network and pay_type = 'postpaid') as postpaid_lines,
        count(*) filter (where is_in_network and is_contract_bound) as contract_lines,
        count(*) filter (where is_in_network and is_convergent) as convergent_lines,
        count(*) filter (where not is_in_network) as left_lines,
        count(distinct case when is_in_network then plan_id end) as plans,
        max(tenure_months) as tenure_months
    from core.subscriber_day
    where day = least(last_day(day), getvariable('as_of'))
    group by cast(date_trunc('month', day) as date), coalesce(party_key, -1)
),

used as (
    select
        month_start,
        party_key,
        count(*) filter (where active_days > 0) as active_lines,
        sum(billed_minutes) as billed_minutes,
        sum(sms_sent) as sms_sent,
        sum(data_gb) as data_gb
    from mart_usage.subscriber_month
    group by month_start, party_key
),

used_lately as (
    select
        month_start,
        party_key,
        active_lines,
        billed_minutes,
        sms_sent,
        data_gb,
        sum(billed_minutes) over (
            partition by party_key order by month_start range between interval 5 month preceding and current row
        ) as billed_minutes_6_months,
        sum(data_gb) over (
            partition by party_key order by month_start range between interval 5 month preceding and current row
        ) as data_gb_6_months
    from used
),

money as (
    select
        month_start,
        party_key,
        sum(revenue_amt) as revenue_amt,
        sum(recharge_amt) as recharge_amt,
        sum(paid_amt) as paid_amt
    from mart_revenue.subscriber_month
    group by month_start, party_key
),

debt as (
    select month_start, party_key, sum(unpaid_amt) as unpaid_amt
    from mart_revenue.arrears_month
    group by month_start, party_key
),

contact as (
    select
        cast(date_trunc('month', interaction_on) as date) as month_start,
        party_key,
        count(*) filter (where interaction_type = 'order') as orders,
        count(*) filter (where interaction_type = 'ticket' and outcome_type = 'opened') as tickets,
        count(*) filter (where interaction_type = 'campaign') as campaign_contacts,
        count(*) filter (where interaction_type = 'session') as sessions,
        max(interaction_on) as last_contact_on
    from mart_customer.interaction
    group by cast(date_trunc('month', interaction_on) as date), party_key
)

select
    customer.month_start,
    customer.party_key,
    customer.area_id,
    customer.segment_type,
    customer.vip_level,
    customer.is_commercial,
    customer.lines_in_network,
    customer.postpaid_lines,
    customer.contract_lines,
    customer.convergent_lines,
    customer.left_lines,
    customer.plans,
    customer.tenure_months,
    coalesce(used.active_lines, 0) as active_lines,
    coalesce(used.billed_minutes, 0) as billed_minutes,
    coalesce(used.sms_sent, 0) as sms_sent,
    coalesce(used.data_gb, 0) as data_gb,
    coalesce(used.billed_minutes_6_months, 0) as billed_minutes_6_months,
    coalesce(used.data_gb_6_months, 0) as data_gb_6_months,
    coalesce(money.revenue_amt, 0) as revenue_amt,
    coalesce(money.recharge_amt, 0) as recharge_amt,
    coalesce(money.paid_amt, 0) as paid_amt,
    coalesce(debt.unpaid_amt, 0) as unpaid_amt,
    coalesce(contact.orders, 0) as orders,
    coalesce(contact.tickets, 0) as tickets,
    coalesce(contact.campaign_contacts, 0) as campaign_contacts,
    coalesce(contact.sessions, 0) as sessions,
    contact.last_contact_on,
    last_day(customer.month_start) <= getvariable('as_of') as is_closed
from customer
left join used_lately as used on customer.month_start = used.month_start and customer.party_key = used.party_key
left join money on customer.month_start = money.month_start and customer.party_key = money.party_key
left join debt on customer.month_start = debt.month_start and customer.party_key = debt.party_key
left join contact on customer.month_start = contact.month_start and customer.party_key = contact.party_key
