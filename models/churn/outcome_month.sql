/*
description: >-
  What became of each line within the windows of each definition, in the month in which it could be known; before that there is
  no row. T is the last day of month_start.
grain: [known_month_start, month_start, subscription_key, definition]
refresh: month
partition: known_month_start
keep: 26 months
scope: subscription_key
open_month: false
public: true
reads:
  churn.definition: static
  churn.threshold: static
  churn.line_month: 200 days
  core.subscriber_day: 92 days
  mart_mobility.lost_line: 162 days
  mart_usage.subscriber_month: 62 days
  core.fct_recharge: 152 days
columns:
  known_month_start: date - First day of the month in which the outcome could be known.
  month_start: date - First day of the month whose end is T.
  subscription_key: bigint - Subscription.
  definition: varchar - Definition, see churn.definition.
  known_on: date - Day from whose close on the outcome can be known.
  label: boolean - The event took place in the horizon; null where it cannot count - it took place before, in the gap or earlier.
  leaving_type: varchar - voluntary, involuntary, port_out, UNK, silent or faded; null for who stayed, and for who came back.
  left_on: date - Day of the exit, or first day of the silence; null for who stayed.
checks:
  - known_on > month_start
  - label is null or label = (leaving_type is not null)
*/
with

due as (
    select
        line.month_start,
        line.subscription_key,
        defined.definition,
        defined.event_type,
        cast(last_day(line.month_start) + defined.gap_days as date) as gap_to,
        cast(last_day(line.month_start) + defined.gap_days + defined.horizon_days as date) as counts_to,
        cast(
            last_day(line.month_start) + defined.gap_days + defined.horizon_days + defined.settle_days as date
        ) as known_on
    from churn.line_month as line
    inner join churn.definition as defined on line.pay_type = defined.pay_type
    where defined.event_type in ('exit', 'silence')
),

exited as (
    select
        due.month_start,
        due.subscription_key,
        lost.day as left_on,
        lost.churn_type,
        row_number() over (partition by due.month_start, due.subscription_key order by lost.day desc) as place
    from due
    inner join mart_mobility.lost_line as lost
        on
            due.subscription_key = lost.subscription_key
            and last_day(due.month_start) < lost.day
            and due.counts_to >= lost.day
    inner join core.subscriber_day as ends
        on due.counts_to = ends.day and due.subscription_key = ends.subscription_key
    where not ends.is_in_network
),

-- A silence is told by the ninetieth day of it, or by the last event of a line that was never heard of again.
pause as (
    select
        due.month_start,
        due.subscription_key,
        due.gap_to,
        due.counts_to,
        cast(used.silent_90_days_on - 90 as date) as last_on
    from due
    inner join mart_usage.subscriber_month as used
        on
            due.subscription_key = used.subscription_key
            and due.gap_to + 90 <= used.silent_90_days_on
            and due.counts_to + 90 > used.silent_90_days_on
    where due.event_type = 'silence'
    union
    select
        due.month_start,
        due.subscription_key,
        due.gap_to,
        due.counts_to,
        coalesce(ends.last_event_on, due.month_start) as last_on
    from due
    inner join core.subscriber_day as ends
        on due.known_on = ends.day and due.subscription_key = ends.subscription_key
    where due.event_type = 'silence' and coalesce(ends.last_event_on, due.month_start) < due.counts_to
),

silent as (
    select
        pause.month_start,
        pause.subscription_key,
        min(pause.last_on + 1) as left_on
    from pause
    left join core.fct_recharge as recharge
        on
            pause.subscription_key = recharge.subscription_key
            and pause.last_on < recharge.recharged_on
            and greatest(pause.last_on, pause.gap_to) + 90 >= recharge.recharged_on
            and not recharge.is_reversal
    where recharge.subscription_key is null
    group by pause.month_start, pause.subscription_key
),

decided as (
    select
        due.month_start,
        due.subscription_key,
        due.definition,
        due.known_on,
        due.gap_to,
        coalesce(exited.left_on, cast(silent.left_on as date)) as left_on,
        case when exited.left_on is not null then coalesce(exited.churn_type, 'UNK') else 'silent' end as leaving_type
    from due
    left join exited
        on due.month_start = exited.month_start and due.subscription_key = exited.subscription_key and exited.place = 1
    left join silent
        on
            due.month_start = silent.month_start
            and due.subscription_key = silent.subscription_key
            and due.event_type = 'silence'
),

-- Who is not among the lines of both months has left, which is no fading.
faded as (
    select
        line.month_start,
        line.subscription_key,
        second.month_start as second_month,
        last_day(second.month_start) as known_on,
        first.events < threshold.soft_share * (line.events + before.events + earlier.events) / 3
        and second.events < threshold.soft_share * (line.events + before.events + earlier.events) / 3 as label
    from churn.line_month as line
    cross join churn.threshold as threshold
    inner join churn.line_month as first
        on
            line.month_start + interval 1 month = first.month_start
            and line.subscription_key = first.subscription_key
    inner join churn.line_month as second
        on
            line.month_start + interval 2 month = second.month_start
            and line.subscription_key = second.subscription_key
    inner join churn.line_month as before
        on
            line.month_start - interval 1 month = before.month_start
            and line.subscription_key = before.subscription_key
    inner join churn.line_month as earlier
        on
            line.month_start - interval 2 month = earlier.month_start
            and line.subscription_key = earlier.subscription_key
    where line.events + before.events + earlier.events >= 3 * threshold.soft_events
)

select
    cast(date_trunc('month', known_on) as date) as known_month_start,
    month_start,
    subscription_key,
    definition,
    known_on,
    case
        when left_on is null then false
        when left_on > gap_to then true
    end as label,
    case when left_on is not null then leaving_type end as leaving_type,
    left_on
from decided
where known_on <= getvariable('as_of')
union all
select
    second_month as known_month_start,
    month_start,
    subscription_key,
    'soft' as definition,
    known_on,
    label,
    case when label then 'faded' end as leaving_type,
    case when label then cast(month_start + interval 1 month as date) end as left_on
from faded
where known_on <= getvariable('as_of')
