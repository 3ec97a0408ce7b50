/*
description: Commission tranches of outlets, each once, on the day they were booked.
grain: [booked_on, commission_no]
refresh: day
partition: booked_on
scope: subscription_key
columns:
  commission_no: bigint - Tranche booked.
  outlet_id: varchar - Outlet that earns it.
  subscription_key: bigint - Line sold; null for commission that belongs to no line.
  scheme_code: varchar - Scheme.
  tranche: integer - Number of the tranche within the scheme, from 1; null when the scheme has none.
  due_month: date - First day of the month in which it is due.
  commission_amt: decimal(18,2) - Amount; negative when taken back.
  status_type: varchar - paid, withheld or as the source says.
  booked_at: timestamp - When it was booked, UTC.
  booked_on: date - Business day on which it was booked.
*/
with

-- A delivery that repeats an earlier day's booking does not pay it twice.
listed as (
    select
        *,
        row_number() over (partition by booked_on, commission_no order by known_on, delivery_id, row_no) as place
    from stg_channel.commission
    where superseded_on is null
)

select
    commission_no,
    outlet_id,
    subscription_key,
    scheme_code,
    tranche,
    due_month,
    commission_amt,
    status_type,
    booked_at,
    booked_on
from listed
where place = 1
