/*
description: >-
  Hardly used new lines by what they have in common with others of the same outlet - a ring of lines that behave alike is run by one hand.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads: {mart_channel.threshold: static}
columns:
  month_start: date - First day of the month after the activation.
  subscription_key: bigint - New line that is hardly used, though used.
  outlet_id: varchar - Outlet that sold it.
  neighbours: integer - Other such lines of the outlet whose spend, talk, data and messages point the same way.
  is_core: boolean - As many neighbours as the threshold or more.
  core_neighbours: integer - Of the neighbours, those that are core.
  is_in_ring: boolean - Core, or a neighbour of one.
checks:
  - core_neighbours <= neighbours
  - is_in_ring = (is_core or core_neighbours > 0)
*/
with

-- Each measure counts in units in which hardly used lines have about one.
line as (
    select
        new_line.month_start,
        new_line.subscription_key,
        new_line.outlet_id,
        cast(new_line.spend_amt as double) / threshold.low_spend_amt as spend,
        cast(new_line.voice_seconds as double) / threshold.low_voice_seconds as voice,
        cast(new_line.data_bytes as double) / threshold.real_bytes as data,
        cast(new_line.sms_sent as double) / threshold.real_contacts as sms,
        threshold.ring_distance,
        threshold.ring_neighbours
    from mart_channel.new_line_month as new_line
    cross join mart_channel.threshold as threshold
    where
        new_line.line_type = 'handset'
        and not new_line.is_zero_use
        and new_line.events < threshold.hardly_used_events
),

pair as (
    select one.month_start, one.subscription_key, other.subscription_key as other_key
    from line as one
    inner join line as other
        on
            one.month_start = other.month_start
            and one.outlet_id = other.outlet_id
            and one.subscription_key <> other.subscription_key
    where
        round(pf_div(
            one.spend * other.spend + one.voice * other.voice + one.data * other.data + one.sms * other.sms,
            sqrt(one.spend * one.spend + one.voice * one.voice + one.data * one.data + one.sms * one.sms)
            * sqrt(
                other.spend * other.spend + other.voice * other.voice + other.data * other.data
                + other.sms * other.sms
            )
        ), 6) > 1 - one.ring_distance
),

counted as (
    select
        line.month_start,
        line.subscription_key,
        line.outlet_id,
        count(pair.other_key) as neighbours,
        count(pair.other_key) >= line.ring_neighbours as is_core
    from line
    left join pair on line.month_start = pair.month_start and line.subscription_key = pair.subscription_key
    group by line.month_start, line.subscription_key, line.outlet_id, line.ring_neighbours
),

joined as (
    select counted.month_start, counted.subscription_key, count(*) filter (where other.is_core) as core_neighbours
    from counted
    inner join pair
        on counted.month_start = pair.month_start and counted.subscription_key = pair.subscription_key
    inner join counted as other on pair.month_start = other.month_start and pair.other_key = other.subscription_key
    group by counted.month_start, counted.subscription_key
)

select
    counted.month_start,
    counted.subscription_key,
    counted.outlet_id,
    counted.neighbours,
    counted.is_core,
    coalesce(joined.core_neighbours, 0) as core_neighbours,
    counted.is_core or coalesce(joined.core_neighbours, 0) > 0 as is_in_ring
from counted
left join joined on counted.month_start = joined.month_start and counted.subscription_key = joined.subscription_key
