/*
description: Decisions of people about which customer records are one person's, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: decided_on
columns:
  decision_no: bigint - Decision.
  decided_at: timestamp - When it was made, UTC.
  decided_on: date - Business day on which it was made.
  decided_by: varchar - Account of who made it.
  decision_type: varchar - merge, split or release.
  customer_key: bigint - Customer record.
  other_customer_key: bigint - The other record of a merge.
  reason_type: varchar - Why.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    decision_no,
    decided_at,
    event_day as decided_on,
    decided_by,
    decision as decision_type,
    cust_no_key as customer_key,
    other_cust_no_key as other_customer_key,
    reason as reason_type,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_desk.party_decision
