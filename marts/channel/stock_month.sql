/*
description: SIM cards of each outlet by month - handed over, used, and left; cards handed over before history are not known.
grain: [month_start, outlet_id]
public: true
columns:
  month_start: date - First day of the month, in the operator's time zone.
  outlet_id: varchar - Outlet that got the cards.
  issued_cards: integer - Cards handed over in the month; of a card handed over twice, the first time.
  used_cards: integer - Cards of the outlet first used in the month, whoever activated them.
  used_elsewhere_cards: integer - Of these, activated for a line that another outlet sold.
  on_hand_cards: integer - Cards handed over since the beginning of history and not used by the end of the month.
  days: integer - Days of the month so far.
  turnover_days: decimal(18,2) - Days for which the cards on hand last at the month's pace; null when none was used.
checks:
  - on_hand_cards >= 0
  - used_elsewhere_cards <= used_cards
*/
with

issued as (
    select
        iccid_key,
        outlet_id,
        issued_on,
        row_number() over (partition by iccid_key order by issued_at, issue_no) as place
    from core.fct_stock_issue
),

first_use as (
    select
        sim.iccid_key,
        sim.valid_from,
        line.outlet_id as sold_by_outlet_id,
        row_number() over (partition by sim.iccid_key order by sim.valid_from, sim.subscription_key) as place
    from core.bridge_sim as sim
    left join core.dim_subscription as line on sim.subscription_key = line.subscription_key
    where sim.iccid_key is not null
),

-- A card that is used before the record of its hand-over was handed over by then.
card as (
    select
        issued.outlet_id,
        cast(date_trunc('month', issued.issued_on) as date) as issued_month,
        case
            when first_use.iccid_key is not null then cast(date_trunc('month', greatest(
                issued.issued_on,
                cast(timezone(getvariable('time_zone'), timezone('UTC', first_use.valid_from)) as date)
            )) as date)
        end as used_month,
        coalesce(first_use.sold_by_outlet_id <> issued.outlet_id, false) as is_elsewhere
    from issued
    left join first_use on issued.iccid_key = first_use.iccid_key and first_use.place = 1
    where issued.place = 1
),

change as (
    select outlet_id, issued_month as month_start, 1 as issued, 0 as used, 0 as used_elsewhere from card
    union all
    select
        outlet_id, used_month, 0 as issued, 1 as used, case when is_elsewhere then 1 else 0 end as used_elsewhere
    from card
    where used_month <= getvariable('as_of')
),

outlet_first as (
    select outlet_id, min(month_start) as first_month
    from change
    group by outlet_id
),

month as (
    select month_start
    from core.dim_date
    where day = month_start and month_start <= getvariable('as_of')
    union
    select month_start from change
),

summed as (
    select
        month.month_start,
        outlet_first.outlet_id,
        coalesce(sum(change.issued), 0) as issued_cards,
        coalesce(sum(change.used), 0) as used_cards,
        coalesce(sum(change.used_elsewhere), 0) as used_elsewhere_cards
    from outlet_first
    inner join month on outlet_first.first_month <= month.month_start
    left join change on outlet_first.outlet_id = change.outlet_id and month.month_start = change.month_start
    group by month.month_start, outlet_first.outlet_id
),

running as (
    select
        *,
        sum(issued_cards - used_cards) over (
            partition by outlet_id order by month_start rows between unbounded preceding and current row
        ) as on_hand_cards,
        date_diff('day', month_start, least(last_day(month_start), getvariable('as_of'))) + 1 as days
    from summed
)

select
    month_start,
    outlet_id,
    issued_cards,
    used_cards,
    used_elsewhere_cards,
    on_hand_cards,
    days,
    round(pf_div(on_hand_cards * days, used_cards), 2) as turnover_days
from running
