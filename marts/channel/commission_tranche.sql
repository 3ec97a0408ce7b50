/*
description: >-
  Every commission tranche of each line sold - booked, or still to come by the schedule - with whether the line earns it and what
  has to be taken back.
grain: [subscription_key, tranche]
scope: subscription_key
public: true
columns:
  subscription_key: bigint - Line.
  tranche: integer - 1, 2 or 3.
  outlet_id: varchar - Outlet that earns it; of several, that of the first booking.
  scheme_code: varchar - Scheme of the line's first booking.
  activated_on: date - Business day of the first activation; null when unknown.
  due_month: date - First day of the month in which the schedule makes it due; null without an activation.
  booked_on: date - Day of the first booking; null while it is not booked.
  bookings: integer - Bookings; 0 while it is not booked.
  paid_amt: decimal(18,2) - Booked as paid, less what was taken back.
  withheld_amt: decimal(18,2) - Booked as withheld.
  expected_amt: decimal(18,2) - Of a tranche that is not booked, the amount last paid for it under the scheme; 0 once booked.
  is_qualified: boolean - The line was in network when the tranche was booked; of one to come, it is now.
  is_held: boolean - The line was held as not real when it was scored; false when it never was.
  state_type: varchar - paid, withheld, to_come, held (to come, but the line is held) or forfeited (to come, and the line has left).
  claw_back_amt: decimal(18,2) - Paid though the line did not qualify, or left within the days of claw-back after; 0 otherwise.
checks:
  - tranche between 1 and 3
  - claw_back_amt between 0 and greatest(paid_amt, 0)
  - (bookings = 0) = (booked_on is null)
*/
with

booked as (
    select
        subscription_key,
        tranche,
        min(booked_on) as booked_on,
        count(*) as bookings,
        sum(case when status_type is distinct from 'withheld' then commission_amt else 0 end) as paid_amt,
        sum(case when status_type = 'withheld' then commission_amt else 0 end) as withheld_amt
    from core.fct_commission
    where subscription_key is not null and tranche between 1 and 3
    group by subscription_key, tranche
),

first_booking as (
    select
        subscription_key,
        outlet_id,
        scheme_code,
        row_number() over (partition by subscription_key order by booked_on, commission_no) as place
    from core.fct_commission
    where subscription_key is not null and tranche between 1 and 3
),

tariff as (
    select
        scheme_code,
        tranche,
        commission_amt,
        row_number() over (
            partition by scheme_code, tranche order by booked_on desc, commission_no desc
        ) as place
    from core.fct_commission
    where status_type = 'paid' and commission_amt > 0
),

number as (
    select 1 as tranche
    union all
    select 2
    union all
    select 3
),

scored as (
    select subscription_key, bool_or(is_held) as is_held
    from mart_channel.new_line_score
    group by subscription_key
),

tranche as (
    select
        line.subscription_key,
        number.tranche,
        line.outlet_id,
        line.scheme_code,
        cast(
            timezone(getvariable('time_zone'), timezone('UTC', subscription.first_activated_at)) as date
        ) as activated_on,
        cast(
            timezone(getvariable('time_zone'), timezone('UTC', subscription.terminated_at)) as date
        ) as terminated_on,
        booked.booked_on,
        coalesce(booked.bookings, 0) as bookings,
        coalesce(booked.paid_amt, 0) as paid_amt,
        coalesce(booked.withheld_amt, 0) as withheld_amt,
        case when booked.bookings is null then coalesce(tariff.commission_amt, 0) else 0 end as expected_amt,
        coalesce(scored.is_held, false) as is_held
    from first_booking as line
    cross join number
    left join booked on line.subscription_key = booked.subscription_key and number.tranche = booked.tranche
    left join tariff
        on line.scheme_code = tariff.scheme_code and number.tranche = tariff.tranche and tariff.place = 1
    left join core.dim_subscription as subscription on line.subscription_key = subscription.subscription_key
    left join scored on line.subscription_key = scored.subscription_key
    where line.place = 1
),

judged as (
    select
        tranche.*,
        coalesce(tranche.terminated_on > coalesce(tranche.booked_on, getvariable('as_of')), true) as is_qualified,
        coalesce(
            tranche.terminated_on <= tranche.booked_on + threshold.claw_back_days, false
        ) as has_left_early,
        case tranche.tranche
            when 1 then threshold.tranche_1_month
            when 2 then threshold.tranche_2_month
            else threshold.tranche_3_month
        end as month_of_life
    from tranche
    cross join mart_channel.threshold as threshold
)

select
    subscription_key,
    tranche,
    outlet_id,
    scheme_code,
    activated_on,
    cast(date_trunc('month', activated_on) + to_months(month_of_life - 1) as date) as due_month,
    booked_on,
    bookings,
    paid_amt,
    withheld_amt,
    expected_amt,
    is_qualified,
    is_held,
    case
        when bookings > 0 and paid_amt <> 0 then 'paid'
        when bookings > 0 then 'withheld'
        when not is_qualified then 'forfeited'
        when is_held then 'held'
        else 'to_come'
    end as state_type,
    case when not is_qualified or has_left_early then greatest(paid_amt, 0) else 0 end as claw_back_amt
from judged
