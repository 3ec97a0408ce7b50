/*
description: Movements of the base, one row per subscription, month and kind of movement, as known when the month closed.
grain: [month_start, subscription_key, movement_type]
refresh: month
partition: month_start
keep: 60 months
public: true
reads: {core.subscriber_day: 1 days}
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription.
  movement_type: varchar - opening, gross_add, reactivation, migration_in, migration_out, churn or closing.
  subscriptions: integer - 1 for what the base holds or gains, -1 for what it loses; all but closing add up to closing.
  party_key: bigint - Customer as resolved; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those at the side of the month that the movement belongs to.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  line_type: varchar - handset, data_card or m2m.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  is_contract_bound: boolean - Has a contract that ends later.
  is_convergent: boolean - Is part of a convergent bundle.
  churn_type: varchar - Of churn rows, voluntary, involuntary or port_out; else null.
  is_in_opening_base: boolean - The line was in network when the month opened.
  is_opening_known: boolean - False in the first month of history, whose opening base is inferred from its end.
  days_in_month: integer - Days of the month.
  days_in_year: integer - Days of its year.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - subscriptions in (-1, 1)
  - (movement_type = 'churn') or churn_type is null
*/
with

snapshot as (
    select
        day,
        subscription_key,
        coalesce(party_key, -1) as party_key,
        coalesce(pay_type, 'unknown') as pay_type,
        coalesce(brand, 'unknown') as brand,
        coalesce(plan_id, 'unknown') as plan_id,
        coalesce(line_type, 'unknown') as line_type,
        coalesce(area_id, 'unknown') as area_id,
        coalesce(channel_type, 'unknown') as channel_type,
        coalesce(segment_type, 'unknown') as segment_type,
        coalesce(is_commercial, false) as is_commercial,
        is_contract_bound,
        is_convergent,
        is_in_network,
        first_activated_on,
        churn_type
    from core.subscriber_day
    where day = least(last_day(day), getvariable('as_of'))
),

month_known as (
    select cast(day + interval 1 day as date) as month_start
    from snapshot
    where day = last_day(day)
    group by day
),

-- The last snapshot of a month closes it and opens the next one. The first month of history has none before it:
-- there, lines in network at the end and older than the month opened it.
side as (
    select
        snapshot.*,
        kind.name <> 'closing' as is_before,
        cast(
            date_trunc('month', snapshot.day + case kind.name when 'opening' then 1 else 0 end) as date
        ) as month_start,
        concat_ws('|', pay_type, brand, plan_id, line_type, area_id, channel_type, segment_type, is_commercial) as place
    from snapshot
    cross join (values ('closing'), ('opening'), ('inferred')) as kind (name)
    where
        kind.name = 'closing'
        or (kind.name = 'opening' and snapshot.day = last_day(snapshot.day) and snapshot.day < getvariable('as_of'))
        or (
            kind.name = 'inferred' and is_in_network and first_activated_on < date_trunc('month', snapshot.day)
            and date_trunc('month', snapshot.day) not in (select month_known.month_start from month_known)
        )
),

-- A snapshot keeps a line for 90 days after it left: a line that it lacked and that is older than that comes back.
line as (
    select
        side.month_start,
        side.subscription_key,
        bool_or(side.is_before and side.is_in_network) as is_open,
        bool_or(not side.is_before and side.is_in_network) as is_close,
        bool_or(
            not side.is_before and side.first_activated_on
            >= side.month_start - case when month_known.month_start is null then 0 else 91 end
        )
        and not bool_or(side.is_before and side.first_activated_on is not null) as is_new,
        min(side.place) <> max(side.place) as is_moved,
        max(case when not side.is_before then side.churn_type end) as churn_type,
        bool_or(month_known.month_start is not null) as is_opening_known
    from side
    left join month_known on side.month_start = month_known.month_start
    group by side.month_start, side.subscription_key
)

select
    side.month_start,
    side.subscription_key,
    movement.movement_type,
    movement.subscriptions,
    side.party_key,
    side.pay_type,
    side.brand,
    side.plan_id,
    side.line_type,
    side.area_id,
    side.channel_type,
    side.segment_type,
    side.is_commercial,
    side.is_contract_bound,
    side.is_convergent,
    case when movement.movement_type = 'churn' then line.churn_type end as churn_type,
    line.is_open as is_in_opening_base,
    line.is_opening_known,
    extract(day from last_day(side.month_start)) as days_in_month,
    date_diff(
        'day', date_trunc('year', side.month_start), date_trunc('year', side.month_start) + interval 1 year
    ) as days_in_year,
    last_day(side.month_start) <= getvariable('as_of') as is_closed
from side
inner join line on side.month_start = line.month_start and side.subscription_key = line.subscription_key
inner join (
    values
    ('opening', 1), ('gross_add', 1), ('reactivation', 1), ('migration_in', 1),
    ('migration_out', -1), ('churn', -1), ('closing', 1)
) as movement (movement_type, subscriptions)
    on case movement.movement_type
        when 'opening' then side.is_before and line.is_open
        when 'closing' then not side.is_before and line.is_close
        when 'gross_add' then not side.is_before and line.is_new
        when 'reactivation' then not side.is_before and line.is_close and not line.is_open and not line.is_new
        when 'churn' then side.is_before = line.is_open and not line.is_close and (line.is_open or line.is_new)
        when 'migration_out' then side.is_before and line.is_open and line.is_close and line.is_moved
        when 'migration_in' then not side.is_before and line.is_open and line.is_close and line.is_moved
    end
