/*
description: Subscriptions of enterprises, as listed each month.
grain: [delivery_id, row_no]
refresh: delivery
partition: snapshot_on
columns:
  enterprise_id: varchar - Enterprise.
  subscription_key: bigint - Subscription.
  role_type: varchar - Role of the subscription.
  valid_from: date - First day of membership.
  valid_to: date - Last day of membership; null while open.
  snapshot_on: date - The first of the month for which it was listed.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    enterprise_id,
    user_id_key as subscription_key,
    role as role_type,
    valid_from,
    valid_to,
    data_date as snapshot_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_enterprise.member
