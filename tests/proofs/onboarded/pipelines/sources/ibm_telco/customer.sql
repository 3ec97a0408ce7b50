/*
description: Customers, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
columns:
  customer_key: bigint - Customer.
  tenure_months: integer - Months with the operator.
  contract_type: varchar - Month-to-month, One year or Two year.
  monthly_charge_amt: decimal(18,2) - Charge of the last month, in dollars.
  total_charge_amt: decimal(18,2) - All charges so far, in dollars; null for customers of the first month.
  has_left: boolean - Whether the customer left.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    customer_no_key as customer_key,
    tenure_months,
    contract as contract_type,
    monthly_charge_amt,
    total_charge_amt,
    churn = 'Yes' as has_left,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_ibm_telco.customer
