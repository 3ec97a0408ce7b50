/*
description: >-
  What a model may know of each line at T, the close of the month's last day - all features of all subjects side by side. Every one
  is made of what had happened by then; use that mediation delivers late is added where its subject says so.
grain: [month_start, subscription_key]
refresh: view
partition: month_start
public: true
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  plan_id: varchar - Plan.
  brand: varchar - Brand.
  pay_type: varchar - prepaid or postpaid.
  line_type: varchar - handset, data_card or m2m.
  channel_type: varchar - Type of the outlet; null when unknown.
  area_id: varchar - Area of the customer.
  segment_type: varchar - Segment of the customer.
  vip_level: integer - Level of the customer, 0 to 5; null when not told.
  tenure_days: integer - Days since the first activation.
  stay_days: integer - Days since the current stay in the network began.
  is_suspended: boolean - Suspended.
  status_reason: varchar - Reason of the event that brought the status.
  status_days: integer - Days since the event that brought the status was known.
  contract_days_left: integer - Days until the contract ends, negative when it has; null without one.
  is_contract_bound: boolean - Bound by a contract that ends later.
  is_convergent: boolean - On a plan with broadband.
  silent_days: integer - Days since then; null before the first.
  active_days: integer - Days of the month with use, as each closed.
  events: bigint - Calls, messages and sessions of the month, as each day closed.
  voice_s: bigint - Seconds talked in the month.
  billed_minutes: bigint - Started minutes of calls made in the month.
  sms: bigint - Messages sent in the month.
  bytes: bigint - Bytes up and down in the month.
  charge_amt: decimal(18,6) - Rated charges of the month.
  balance_amt: decimal(18,2) - Prepaid balance; null when not told.
  account_overdue_amt: decimal(18,2) - Bills of the account past due less payments; negative when paid ahead.
  arrears_amt: decimal(18,2) - Overdue of the account, at least 0; the same on every line of it.
  known_months: integer - Months before this one, of three, in which the line was in the network at the end.
  days_in_network: integer - Days of the month in the network.
  suspended_days: integer - Of these, days suspended.
  arrears_days: integer - Of these, days on which the account was overdue.
  plan_changes: integer - Of these, days with a change of plan.
  events_7: bigint - Events in the last 7 days.
  events_14: bigint - Events in the last 14 days.
  events_28: bigint - Events in the last 28 days.
  active_days_7: integer - Days with use of the last 7.
  active_days_14: integer - Days with use of the last 14.
  voice_s_7: bigint - Seconds talked in the last 7 days.
  voice_s_14: bigint - Seconds talked in the last 14 days.
  bytes_7: bigint - Bytes in the last 7 days.
  bytes_14: bigint - Bytes in the last 14 days.
  charge_14_amt: decimal(18,6) - Rated charges of the last 14 days.
  events_max_day: bigint - Most events on a day of the month.
  events_variation: decimal(18,4) - Standard deviation over mean of the events per day in the network; null without any.
  events_1: bigint - Events of the month before; null when the line was not there.
  events_2: bigint - Events two months before.
  events_3: bigint - Events three months before.
  voice_s_1: bigint - Seconds talked the month before.
  bytes_1: bigint - Bytes the month before.
  active_days_1: integer - Days with use the month before.
  events_mean: decimal(18,2) - Events a month, mean of up to three before.
  minutes_mean: decimal(18,2) - Minutes talked a month, mean of up to three before.
  data_mb_mean: decimal(18,2) - Megabytes a month, mean of up to three before.
  charge_mean_amt: decimal(18,4) - Rated charges a month, mean of up to three before.
  events_ratio: decimal(18,4) - Events per day in the network against the daily mean of the months before, at most 100.
  voice_ratio: decimal(18,4) - The same for seconds talked.
  bytes_ratio: decimal(18,4) - The same for bytes.
  charge_ratio: decimal(18,4) - The same for charges.
  events_7_ratio: decimal(18,4) - Events per day of the last 7 days against that mean.
  events_14_ratio: decimal(18,4) - The same of the last 14 days.
  voice_14_ratio: decimal(18,4) - The same for seconds talked.
  bytes_14_ratio: decimal(18,4) - The same for bytes.
  within_ratio: decimal(18,4) - Events per day of the last 14 days against those of the days of the month before them, at most 100.
  active_days_change: integer - Days with use less those of the month before.
  events_least: bigint - Fewest events of this month and the three before; null for a new line.
  voice_active_days: integer - Days with a call.
  data_active_days: integer - Days with volume.
  outgoing_share: decimal(9,6) - Share of the seconds talked that were called by the line; null without calls.
  on_net_share: decimal(9,6) - Share of the seconds talked with lines of this operator; null without calls.
  roaming_voice_s: bigint - Seconds talked outside the home network.
  roaming_bytes: bigint - Bytes outside the home network.
  sms_received: integer - Messages received.
  upload_share: decimal(9,6) - Share of the bytes sent; null without volume.
  sessions: bigint - Data sessions.
  data_days_used: integer - Days with a session.
  bytes_4g_share: decimal(9,6) - Share of the bytes over 4G; null without volume.
  bytes_5g_share: decimal(9,6) - Share of the bytes over 5G.
  bytes_old_share: decimal(9,6) - Share of the bytes over 2G and 3G.
  bytes_peak_share: decimal(9,6) - Share of the bytes from 08:00 to 20:00.
  bytes_abroad: bigint - Bytes abroad.
  data_silent_days: integer - Days from the last session to T; null without one in the month.
  over_bundle_amt: decimal(18,6) - Charges for data at home and in the country.
  abroad_amt: decimal(18,6) - Charges for data abroad.
  data_variation: decimal(18,6) - Standard deviation over mean of the daily megabytes; null without volume.
  data_front_share: decimal(9,6) - Share of the bytes in the first ten days; null without volume.
  voice_allowance: decimal(18,2) - Minutes that the plan includes; null without.
  voice_used_share: decimal(18,4) - Share of these used.
  voice_fit_type: varchar - How the minutes fit, see mart_data.bundle_month; null without.
  data_allowance_mb: decimal(18,2) - Megabytes that the plan includes; null without.
  data_used_share: decimal(18,4) - Share of these used.
  data_fit_type: varchar - How the volume fits; null without.
  data_over_units: decimal(18,3) - Megabytes beyond them.
  fee_amt: decimal(18,2) - Monthly fee of the plan, as listed at T; null when the plan is not listed.
  fee_rise_amt: decimal(18,2) - How much the listing of that plan version rose in the hundred days up to T.
  fee_per_minute: decimal(18,4) - Fee over the minutes of the months before, at least one minute.
  fee_per_gb: decimal(18,4) - Fee over the gigabytes of the months before, at least a hundredth.
  bill_1_amt: decimal(18,2) - Billed after discount for the month before; null without a bill.
  bill_2_amt: decimal(18,2) - Billed two months before.
  bill_3_amt: decimal(18,2) - Billed three months before.
  bill_mean_amt: decimal(18,2) - Mean of these bills.
  bill_rise_amt: decimal(18,2) - Bill of the month before less the one before that.
  billed_fee_amt: decimal(18,2) - Fees on the bill of the month before.
  billed_fee_rise_amt: decimal(18,2) - These less those three months before; null without both.
  billed_use_amt: decimal(18,2) - Use beyond the plan on the bill of the month before.
  discount_1_amt: decimal(18,2) - Discount on it.
  discount_change_amt: decimal(18,2) - That less the discount two months before.
  vas_1_amt: decimal(18,2) - Value-added services on it.
  roaming_1_amt: decimal(18,2) - Roaming on it.
  adjusted_amt: decimal(18,2) - Corrections in this and the two months before.
  recharge_amt: decimal(18,2) - Recharges of the month.
  recharge_1_amt: decimal(18,2) - Recharges of the month before.
  recharge_mean_amt: decimal(18,2) - Recharges a month, mean of the three before.
  recharge_ratio: decimal(18,4) - Recharges of the month over that mean, at most 100; null without.
  paid_amt: decimal(18,2) - Paid in the month.
  paid_3_amt: decimal(18,2) - Paid in the three months before.
  billed_unpaid_ratio: decimal(18,4) - Bills of the two months before less what was paid in this and the month before, over these bills.
  tickets_30: integer - Tickets opened in the 30 days up to T.
  tickets_90: integer - Tickets opened in the days that threshold complaint_days says.
  network_tickets_90: integer - Of these, about coverage.
  bill_tickets_90: integer - Of these, about bills.
  porting_tickets_90: integer - Of these, about taking the number along.
  unresolved_30: integer - Tickets of the last 30 days that were not resolved at T.
  unresolved_90: integer - The same of all these tickets.
  ended_unresolved_30: integer - Tickets opened in the last 31 days and closed by T with another result than resolved.
  reopened_90: integer - Reopenings in these days.
  dissatisfied_90: integer - Answers to the survey that do not count as satisfied.
  days_since_ticket: integer - Days since the last ticket was opened; null without one.
  days_since_unresolved: integer - Days since the last unresolved one was opened; null without one.
  last_reason_group: varchar - Reason of the last ticket; null without one.
  port_enquiries_30: integer - Enquiries about taking the number along, last 30 days.
  port_enquiries_90: integer - The same, last 90 days.
  days_since_enquiry: integer - Days since the last of these; null without one.
  used_days: integer - Days with any use.
  network_calls: integer - Calls made and received, dropped and failed ones included.
  dropped_calls: integer - Calls that broke off.
  failed_calls: integer - Calls that were not set up.
  trouble_share: decimal(9,6) - Dropped and failed over all calls; null without any.
  trouble_share_3: decimal(9,6) - The same over this and the three months before.
  trouble_days: integer - Days with a dropped or failed call or an outage.
  trouble_days_3: integer - Such days in the three months before.
  outage_days: integer - Days with an outage of a cell in which the line was used.
  outage_s: bigint - Seconds that these lasted.
  throughput_kbps: decimal(18,1) - Throughput of the cells used; null without.
  nights: integer - Days on which the line was used at night.
  home_nights: integer - Of these, days on which it was used in its home cell.
  home_share: decimal(9,6) - home_nights / nights; null without nights.
  work_days: integer - Working days on which it was used in its cell of work.
  is_work_at_home: boolean - Cell of work and home cell are the same; null without both.
  home_trouble_share: decimal(9,6) - Dropped and failed calls over those attempted in the home cell; null when not told.
  home_trouble_share_1: decimal(9,6) - The same the month before.
  home_trouble_rise: decimal(9,6) - Their difference.
  home_kbps: decimal(18,1) - Mean daily throughput of the home cell; null when not measured.
  home_down_minutes: bigint - Minutes the home cell was out of service; null when not told.
  work_trouble_share: decimal(9,6) - Dropped and failed calls over those attempted in the cell of work; null when not told.
  has_device: boolean - Seen with a handset whose number can be one; null when the module does not know the line.
  device_brand: varchar - Maker; null when the type is unknown.
  device_model: varchar - Model; null when the type is unknown.
  device_type: varchar - smartphone, feature_phone or equipment; null when unknown.
  device_rat_type: varchar - Best radio generation of the handset; null when unknown.
  sim_slots: integer - Card slots; null when unknown.
  price_band: varchar - Price band at launch; null when unknown.
  device_age_months: integer - Months since the line was first seen with it, of the last twelve; null without a handset.
  months_on_market: integer - Months since the launch of the model; null when unknown.
  is_replaced: boolean - Had another primary handset the month before.
  replacements_12_months: integer - Changes of the primary handset in twelve months.
  dual_sim_type: varchar - How its card slots are used; null when unknown.
  is_five_g_plan: boolean - The data allowance of the plan is made for 5G.
  is_five_g_unserved: boolean - A 5G handset on a plan that is not made for it, or the other way round; null when unknown.
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
  degree: integer - Numbers in the circle of the month.
  degree_out: integer - Of these, numbers called or written to.
  degree_in: integer - Of these, numbers that called or wrote.
  degree_mutual: integer - Of these, both.
  on_net_degree: integer - Of these, lines of this operator in the network at T.
  on_net_weight_share: decimal(9,6) - Share of the calls and messages with these; null without any.
  competitor_degree: integer - Numbers of other mobile operators in the circle.
  competitor_weight_share: decimal(9,6) - Share of the calls and messages with these.
  degree_1: integer - Numbers in the circle of the month before.
  circle_likeness: decimal(9,6) - Numbers in both circles over numbers in either (Jaccard); null without any.
  contacts_gone: integer - Numbers of the month before that are not in this one's circle.
  contacts_new: integer - Numbers of this month that were in none of the three circles before.
  top_weight_share: decimal(9,6) - Share of the most frequent number; null without any.
  degree_4: integer - Numbers in the circles of this and the three months before.
  own_degree_4: integer - Of these, lines of this operator, at T or in the ninety days before.
  lost_30: integer - Of these, lines that left in the 30 days up to T.
  lost_60: integer - The same, 60 days.
  lost_90: integer - The same, 90 days.
  lost_30_share: decimal(9,6) - lost_30 over own_degree_4; null without any.
  lost_60_share: decimal(9,6) - The same, 60 days.
  lost_90_share: decimal(9,6) - The same, 90 days.
  lost_30_weight_share: decimal(9,6) - Share of the calls and messages with own lines in the four months that were with those lost in 30 days.
  lost_60_weight_share: decimal(9,6) - The same, 60 days.
  lost_90_weight_share: decimal(9,6) - The same, 90 days.
  own_degree_out: integer - Lines called or written to.
  own_degree_in: integer - Lines that called or wrote.
  page_rank: decimal(12,3) - PageRank with weights, relative to the mean of the month; 1 is average.
  clustering: decimal(9,6) - Share of the pairs among its mutual contacts that are mutual contacts of each other; null with fewer than two.
  community_size: integer - Lines of the community, 1 for a line alone.
  contact_events: bigint - Calls and messages of the month.
  competitor_contacts: bigint - Of these, with numbers of other mobile operators.
  competitor_share: decimal(7,6) - Share of these in those with mobile numbers; null without any.
  competitor_share_1: decimal(7,6) - The same the month before.
  competitor_share_change: decimal(8,6) - Their difference.
  fixed_contacts: bigint - With fixed networks.
  service_contacts: bigint - With short numbers.
  is_member: boolean - Belonged to an enterprise when the month began.
  member_role_type: varchar - Role in it; null else.
  is_unified_payment: boolean - The enterprise pays; null else.
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
select
    line.month_start, line.subscription_key, line.plan_id, line.brand, line.pay_type, line.line_type,
    line.channel_type, line.area_id, line.segment_type, line.vip_level, line.tenure_days, line.stay_days,
    line.is_suspended, line.status_reason, line.status_days, line.contract_days_left, line.is_contract_bound,
    line.is_convergent, line.silent_days, line.active_days, line.events, line.voice_s, line.billed_minutes, line.sms,
    line.bytes, line.charge_amt, line.balance_amt, line.account_overdue_amt, line.arrears_amt,
    usage.known_months, usage.days_in_network, usage.suspended_days, usage.arrears_days, usage.plan_changes,
    usage.events_7, usage.events_14, usage.events_28, usage.active_days_7, usage.active_days_14, usage.voice_s_7,
    usage.voice_s_14, usage.bytes_7, usage.bytes_14, usage.charge_14_amt, usage.events_max_day,
    usage.events_variation, usage.events_1, usage.events_2, usage.events_3, usage.voice_s_1, usage.bytes_1,
    usage.active_days_1, usage.events_mean, usage.minutes_mean, usage.data_mb_mean, usage.charge_mean_amt,
    usage.events_ratio, usage.voice_ratio, usage.bytes_ratio, usage.charge_ratio, usage.events_7_ratio,
    usage.events_14_ratio, usage.voice_14_ratio, usage.bytes_14_ratio, usage.within_ratio, usage.active_days_change,
    usage.events_least,
    service.voice_active_days, service.data_active_days, service.outgoing_share, service.on_net_share,
    service.roaming_voice_s, service.roaming_bytes, service.sms_received, service.upload_share, service.sessions,
    service.data_days_used, service.bytes_4g_share, service.bytes_5g_share, service.bytes_old_share,
    service.bytes_peak_share, service.bytes_abroad, service.data_silent_days, service.over_bundle_amt,
    service.abroad_amt, service.data_variation, service.data_front_share, service.voice_allowance,
    service.voice_used_share, service.voice_fit_type, service.data_allowance_mb, service.data_used_share,
    service.data_fit_type, service.data_over_units,
    money.fee_amt, money.fee_rise_amt, money.fee_per_minute, money.fee_per_gb, money.bill_1_amt, money.bill_2_amt,
    money.bill_3_amt, money.bill_mean_amt, money.bill_rise_amt, money.billed_fee_amt, money.billed_fee_rise_amt,
    money.billed_use_amt, money.discount_1_amt, money.discount_change_amt, money.vas_1_amt, money.roaming_1_amt,
    money.adjusted_amt, money.recharge_amt, money.recharge_1_amt, money.recharge_mean_amt, money.recharge_ratio,
    money.paid_amt, money.paid_3_amt, money.billed_unpaid_ratio,
    care.tickets_30, care.tickets_90, care.network_tickets_90, care.bill_tickets_90, care.porting_tickets_90,
    care.unresolved_30, care.unresolved_90, care.ended_unresolved_30, care.reopened_90, care.dissatisfied_90,
    care.days_since_ticket, care.days_since_unresolved, care.last_reason_group, care.port_enquiries_30,
    care.port_enquiries_90, care.days_since_enquiry,
    network.used_days, network.network_calls, network.dropped_calls, network.failed_calls, network.trouble_share,
    network.trouble_share_3, network.trouble_days, network.trouble_days_3, network.outage_days, network.outage_s,
    network.throughput_kbps, network.nights, network.home_nights, network.home_share, network.work_days,
    network.is_work_at_home, network.home_trouble_share, network.home_trouble_share_1, network.home_trouble_rise,
    network.home_kbps, network.home_down_minutes, network.work_trouble_share,
    device.has_device, device.device_brand, device.device_model, device.device_type, device.device_rat_type,
    device.sim_slots, device.price_band, device.device_age_months, device.months_on_market, device.is_replaced,
    device.replacements_12_months, device.dual_sim_type, device.is_five_g_plan, device.is_five_g_unserved,
    behaviour.behaviour_days, behaviour.weekend_days, behaviour.night_days, behaviour.calls,
    behaviour.call_initiated_share, behaviour.call_duration_mean_s, behaviour.call_duration_median_s,
    behaviour.call_duration_sd_s, behaviour.call_nocturnal_share, behaviour.call_gap_mean_s, behaviour.call_gap_sd_s,
    behaviour.call_contacts, behaviour.call_contacts_made, behaviour.call_contact_entropy,
    behaviour.call_per_contact_mean, behaviour.call_balance_mean, behaviour.call_pareto_contacts, behaviour.texts,
    behaviour.text_nocturnal_share, behaviour.text_contacts, behaviour.text_contact_entropy, behaviour.conversations,
    behaviour.response_share, behaviour.response_delay_mean_s, behaviour.antennas, behaviour.antenna_entropy,
    behaviour.gyration_km, behaviour.placed_at_home_share, behaviour.recharges, behaviour.recharge_gap_mean_s,
    behaviour.recharge_balance_amt,
    neighbour.degree, neighbour.degree_out, neighbour.degree_in, neighbour.degree_mutual, neighbour.on_net_degree,
    neighbour.on_net_weight_share, neighbour.competitor_degree, neighbour.competitor_weight_share, neighbour.degree_1,
    neighbour.circle_likeness, neighbour.contacts_gone, neighbour.contacts_new, neighbour.top_weight_share,
    neighbour.degree_4, neighbour.own_degree_4, neighbour.lost_30, neighbour.lost_60, neighbour.lost_90,
    neighbour.lost_30_share, neighbour.lost_60_share, neighbour.lost_90_share, neighbour.lost_30_weight_share,
    neighbour.lost_60_weight_share, neighbour.lost_90_weight_share,
    graph.own_degree_out, graph.own_degree_in, graph.page_rank, graph.clustering, graph.community_size,
    circle.contact_events, circle.competitor_contacts, circle.competitor_share, circle.competitor_share_1,
    circle.competitor_share_change, circle.fixed_contacts, circle.service_contacts, circle.is_member,
    circle.member_role_type, circle.is_unified_payment,
    person.party_lines, person.party_plans, person.party_events, person.party_lost_30, person.party_lost_90,
    person.account_lines, person.account_lost_90, person.outlet_lines, person.outlet_lost_share,
    person.outlet_silent_share, person.outlet_young_lines, person.outlet_young_silent_share,
    campaign.campaigns_4, campaign.control_campaigns_4, campaign.campaign_contacts, campaign.campaign_contacts_4,
    campaign.campaign_reached_4, campaign.campaign_answers_4, campaign.campaign_accepted_4,
    campaign.months_since_reached, campaign.sessions_30, campaign.login_sessions, campaign.app_sessions,
    campaign.session_orders, campaign.session_pages, campaign.sessions_before, campaign.days_since_session
from churn.line_month as line
inner join churn.usage_month as usage
    on line.month_start = usage.month_start and line.subscription_key = usage.subscription_key
inner join churn.service_month as service
    on line.month_start = service.month_start and line.subscription_key = service.subscription_key
inner join churn.money_month as money
    on line.month_start = money.month_start and line.subscription_key = money.subscription_key
inner join churn.care_month as care
    on line.month_start = care.month_start and line.subscription_key = care.subscription_key
inner join churn.network_month as network
    on line.month_start = network.month_start and line.subscription_key = network.subscription_key
inner join churn.device_month as device
    on line.month_start = device.month_start and line.subscription_key = device.subscription_key
inner join churn.behaviour_month as behaviour
    on line.month_start = behaviour.month_start and line.subscription_key = behaviour.subscription_key
inner join churn.neighbour_month as neighbour
    on line.month_start = neighbour.month_start and line.subscription_key = neighbour.subscription_key
inner join churn.graph_month as graph
    on line.month_start = graph.month_start and line.subscription_key = graph.subscription_key
inner join churn.circle_month as circle
    on line.month_start = circle.month_start and line.subscription_key = circle.subscription_key
inner join churn.person_month as person
    on line.month_start = person.month_start and line.subscription_key = person.subscription_key
inner join churn.campaign_month as campaign
    on line.month_start = campaign.month_start and line.subscription_key = campaign.subscription_key
