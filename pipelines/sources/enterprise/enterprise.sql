/*
description: Enterprises, as listed each month.
grain: [delivery_id, row_no]
refresh: delivery
partition: snapshot_on
columns:
  enterprise_id: varchar - Enterprise.
  customer_key: bigint - Customer record of the enterprise.
  name_key: bigint - Name.
  level_type: varchar - A, B or C.
  industry_name: varchar - Industry.
  manager_name: varchar - Who looks after it.
  area_id: varchar - Area.
  is_test: boolean - Whether it exists for tests only.
  snapshot_on: date - The first of the month for which it was listed.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    enterprise_id,
    cust_no_key as customer_key,
    name_key,
    level as level_type,
    industry as industry_name,
    manager as manager_name,
    area_id,
    is_test,
    data_date as snapshot_on,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_enterprise.enterprise
