/*
description: How likely a real customer is behind each new line, from the first days of its life; commission is held where none is.
grain: [scored_on, subscription_key]
refresh: day
partition: scored_on
keep: 26 months
public: true
reads:
  mart_channel.new_line_start_device: 20 days
  mart_channel.threshold: static
columns:
  scored_on: date - Day on which the line is as old as the threshold says.
  subscription_key: bigint - Line, used with a telephone.
  outlet_id: varchar - Outlet that sold it, as known that day; unknown when no source says.
  activated_on: date - Day of the first activation.
  days_to_first_use: integer - Days from the activation to the first event; null without any.
  contacts: integer - Distinct numbers in contact with it between activation and that day.
  calls_made: integer - Calls made.
  calls_received: integer - Calls received.
  active_days: integer - Days with any event.
  data_bytes: bigint - Bytes up and down.
  device_lines: integer - Lines scored that day or in as many days before that used one of its handsets, itself included; 0 without one.
  real_share: decimal(9,4) - Probability of a real customer by the declared weights, 0 to 1.
  is_held: boolean - The probability is below the threshold; commission for the line waits.
checks:
  - real_share between 0 and 1
*/
with

shared as (
    select
        own.scored_on,
        own.subscription_key,
        count(distinct other.subscription_key) as lines
    from mart_channel.new_line_start_device as own
    cross join mart_channel.threshold as threshold
    inner join mart_channel.new_line_start_device as other
        on
            own.imei_body_key = other.imei_body_key
            and own.scored_on >= other.scored_on
            and other.scored_on > own.scored_on - threshold.real_day
    group by own.scored_on, own.subscription_key
),

weighed as (
    select
        start.*,
        coalesce(shared.lines, 0) as device_lines,
        threshold.real_hold_below,
        threshold.real_intercept
        + case when start.contacts >= threshold.real_contacts then threshold.real_contacts_weight else 0 end
        + case
            when
                start.calls_received > 0
                and start.calls_received
                >= threshold.real_received_share * (start.calls_made + start.calls_received)
                then threshold.real_received_weight
            else 0
        end
        + case when start.active_days >= threshold.real_active_days then threshold.real_active_weight else 0 end
        + case when start.cells >= threshold.real_cells then threshold.real_cells_weight else 0 end
        + case when start.data_bytes >= threshold.real_bytes then threshold.real_bytes_weight else 0 end
        + case when shared.lines = 1 then threshold.real_own_device_weight else 0 end as log_odds
    from mart_channel.new_line_start as start
    cross join mart_channel.threshold as threshold
    left join shared on start.scored_on = shared.scored_on and start.subscription_key = shared.subscription_key
)

select
    scored_on,
    subscription_key,
    outlet_id,
    activated_on,
    date_diff('day', activated_on, first_used_on) as days_to_first_use,
    contacts,
    calls_made,
    calls_received,
    active_days,
    data_bytes,
    device_lines,
    round(1 / (1 + exp(-cast(log_odds as double))), 4) as real_share,
    round(1 / (1 + exp(-cast(log_odds as double))), 4) < real_hold_below as is_held
from weighed
