/*
description: What happened between the operator and its key lines, day by day - the log of whoever looks after them.
grain: [interaction_on, interaction_type, interaction_no]
refresh: day
partition: interaction_on
keep: 14 months
public: true
columns:
  interaction_on: date - Business day.
  interaction_type: varchar - order, ticket, campaign, payment, recharge or session.
  interaction_no: varchar - Number given by the source, as in mart_customer.interaction.
  occurred_at: timestamp - When it happened, UTC; null for orders.
  subscription_key: bigint - Key line.
  party_key: bigint - Customer as resolved that day; -1 when unknown.
  enterprise_id: varchar - Enterprise that the line belongs to; null without one.
  manager_name: varchar - Who looks after that enterprise; null when nobody does.
  alerts: integer - Alerts that the line had at the close of the day.
  channel_type: varchar - Where it took place; null when the source does not say.
  topic: varchar - What it was about.
  outcome_type: varchar - Result as the source puts it; null without one.
  amount_amt: decimal(18,2) - Money received, negative for a reversal; null where none is involved.
*/
select
    action.interaction_on,
    action.interaction_type,
    action.interaction_no,
    action.occurred_at,
    line.subscription_key,
    line.party_key,
    line.enterprise_id,
    line.manager_name,
    line.alerts,
    action.channel_type,
    action.topic,
    action.outcome_type,
    action.amount_amt
from mart_customer.interaction as action
inner join mart_keyaccount.line_day as line
    on action.interaction_on = line.day and action.subscription_key = line.subscription_key
