/*
description: Load of the contact centre by queue and half hour; quotients lie beside their parts.
grain: [interval_start_at, queue_name]
refresh: day
partition: interval_on
keep: 26 months
public: true
requires: [stg_care.call_interval]
reads: {mart_service.threshold: static}
columns:
  interval_start_at: timestamp - Begin of the interval, UTC.
  interval_on: date - Business day, in the operator's time zone.
  queue_name: varchar - Queue.
  offered: integer - Calls offered.
  answered: integer - Calls answered.
  answered_20s: integer - Calls answered within twenty seconds; null when the centre does not tell.
  abandoned: integer - Calls given up by the caller; null when the centre does not tell.
  wait_s: bigint - Waiting time of all calls, seconds.
  handle_s: bigint - Handling time of all calls, seconds.
  agents: integer - Agents logged in.
  staffed_s: bigint - Time that the agents were logged in, seconds.
  within_20s_share: decimal(9,4) - Calls answered within twenty seconds per call offered; null without calls.
  mean_wait_s: decimal(18,2) - Waiting time per call answered, seconds; null without answers.
  mean_handle_s: decimal(18,2) - Handling time per call answered, seconds; null without answers.
  occupied_share: decimal(9,4) - Handling time in staffed time; above 1 when calls reach into the next interval; null without agents.
checks:
  - offered >= 0 and answered >= 0
watch:
  - answered + coalesce(abandoned, 0) <= offered
  - answered_20s is null or answered_20s <= answered
  - agents > 0 or answered = 0
*/
with

listed as (
    select
        *,
        row_number() over (
            partition by interval_start_at, queue_name order by known_on desc, delivery_id desc, row_no desc
        ) as place
    from stg_care.call_interval
    where superseded_on is null
),

staffed as (
    select
        listed.*,
        cast(listed.agents as bigint) * threshold.interval_s as staffed_s
    from listed
    cross join mart_service.threshold as threshold
    where listed.place = 1
)

select
    interval_start_at,
    interval_on,
    queue_name,
    offered,
    answered,
    answered_20s,
    abandoned,
    wait_s,
    handle_s,
    agents,
    staffed_s,
    round(pf_div(answered_20s, offered), 4) as within_20s_share,
    round(pf_div(wait_s, answered), 2) as mean_wait_s,
    round(pf_div(handle_s, answered), 2) as mean_handle_s,
    round(pf_div(handle_s, staffed_s), 4) as occupied_share
from staffed
