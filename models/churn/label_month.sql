/*
description: >-
  The label of each line and definition at T, with the day from which it is known; null until then. Exits that were a return under
  another number are told apart once the returns of their month are settled.
grain: [month_start, subscription_key, definition]
refresh: view
partition: month_start
public: true
columns:
  month_start: date - First day of the month whose end is T.
  subscription_key: bigint - Subscription.
  definition: varchar - Definition, see churn.definition; a line has those of its pay type.
  known_on: date - Day from whose close on the label can be known.
  label: boolean - The event took place in the horizon; null before it can be known, and for who left before the horizon.
  leaving_type: varchar - voluntary, involuntary, port_out, re_entry, UNK, silent or faded; null for who stayed or is not known yet.
  left_on: date - Day of the exit, or first day of the silence; null else.
*/
select
    line.month_start,
    line.subscription_key,
    defined.definition,
    case
        when defined.event_type = 'fade' then last_day(cast(line.month_start + interval 2 month as date))
        else
            cast(
                last_day(line.month_start) + defined.gap_days + defined.horizon_days + defined.settle_days as date
            )
    end as known_on,
    outcome.label,
    case when moved.is_re_entry then 're_entry' else outcome.leaving_type end as leaving_type,
    outcome.left_on
from churn.line_month as line
inner join churn.definition as defined on line.pay_type = coalesce(defined.pay_type, line.pay_type)
left join churn.outcome_month as outcome
    on
        line.month_start = outcome.month_start
        and line.subscription_key = outcome.subscription_key
        and defined.definition = outcome.definition
left join mart_device.true_movement_month as moved
    on
        date_trunc('month', outcome.left_on) = moved.month_start
        and outcome.subscription_key = moved.subscription_key
        and moved.movement_type = 'churn'
        and outcome.leaving_type <> 'silent'
