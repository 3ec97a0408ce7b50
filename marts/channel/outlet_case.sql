/*
description: >-
  Findings about outlets by month and model, with evidence, money at stake and what people did about them; a case that people
  opened without a finding is there with level 0.
grain: [outlet_id, month_start, model_type]
public: true
columns:
  outlet_id: varchar - Outlet.
  month_start: date - First day of the month judged.
  model_type: varchar - fake_activation, cross_region or commission_anomaly.
  model_level: integer - Level of the model alone, 0 to 3; 0 where only people opened the case.
  level: integer - The higher of that and the number of high places in the rankings of the city.
  evidence_table: varchar - Table of the module whose row with the same outlet and month says why.
  score: decimal(18,4) - What the model's level is read from - a share of lines, or the score of commission; null without a finding.
  lines: integer - Lines that the case is about.
  commission_at_risk_amt: decimal(18,2) - Commission for them that is still to come or held.
  claw_back_amt: decimal(18,2) - Commission for them that was paid and has to be taken back.
  state_type: varchar - new (nobody has acted), opened, assigned, appealed, decided or closed.
  handler: varchar - Account of who acted last; null while new.
  opened_at: timestamp - When people opened it, UTC; null while new.
  appealed_at: timestamp - When the outlet appealed last, UTC; null without an appeal.
  result_type: varchar - confirmed, dismissed or arbitrated, as decided last; null before a decision.
  arbitrage_code: varchar - 01 volume, 02 spam messages, 03 service provider, 04 own use of data, 05 other; null unless arbitrated.
  decided_at: timestamp - When it was decided last, UTC.
  closed_at: timestamp - When it was closed, UTC; null while open.
checks:
  - level between 0 and 4 and level >= model_level
  - (state_type = 'closed') = (closed_at is not null)
*/
with

finding as (
    select outlet_id, month_start, 'fake_activation' as model_type, level, suspected_share as score
    from mart_channel.fake_activation_month
    where level > 0
    union all
    select outlet_id, month_start, 'cross_region' as model_type, level, away_share
    from mart_channel.cross_region_month
    where level > 0
    union all
    select outlet_id, month_start, 'commission_anomaly' as model_type, level, score
    from mart_channel.commission_anomaly_month
    where level > 0
),

step as (
    select
        *,
        row_number() over (
            partition by outlet_id, month_start, model_type order by acted_at desc, event_no desc
        ) as place,
        row_number() over (
            partition by outlet_id, month_start, model_type, action_type order by acted_at desc, event_no desc
        ) as place_of_action
    from core.fct_case_event
),

handled as (
    select
        outlet_id,
        month_start,
        model_type,
        max(case when place = 1 then action_type end) as state_type,
        max(case when place = 1 then handler end) as handler,
        min(acted_at) as opened_at,
        max(case when action_type = 'appealed' then acted_at end) as appealed_at,
        max(case when action_type = 'decided' and place_of_action = 1 then result_type end) as result_type,
        max(case when action_type = 'decided' and place_of_action = 1 then arbitrage_code end) as arbitrage_code,
        max(case when action_type = 'decided' then acted_at end) as decided_at,
        max(case when place = 1 and action_type = 'closed' then acted_at end) as closed_at
    from step
    group by outlet_id, month_start, model_type
),

known as (
    select outlet_id, month_start, model_type from finding
    union
    select outlet_id, month_start, model_type from handled
),

line as (
    select known.outlet_id, known.month_start, known.model_type, new_line.subscription_key
    from known
    cross join mart_channel.threshold as threshold
    inner join mart_channel.new_line_month as new_line
        on
            known.outlet_id = new_line.outlet_id
            and (
                (known.model_type = 'cross_region' and known.month_start = new_line.month_start)
                or (
                    known.model_type = 'fake_activation'
                    and new_line.is_suspected
                    and pf_month_diff(new_line.month_start, known.month_start)
                    between 0 and threshold.pooled_months - 1
                )
            )
    union
    select known.outlet_id, known.month_start, known.model_type, booking.subscription_key
    from known
    inner join core.fct_commission as booking
        on
            known.outlet_id = booking.outlet_id
            and known.month_start = cast(date_trunc('month', booking.booked_on) as date)
    where known.model_type = 'commission_anomaly' and booking.subscription_key is not null
),

stake as (
    select
        line.outlet_id,
        line.month_start,
        line.model_type,
        count(distinct line.subscription_key) as lines,
        sum(case when tranche.state_type in ('to_come', 'held') then tranche.expected_amt else 0 end) as at_risk_amt,
        sum(tranche.claw_back_amt) as claw_back_amt
    from line
    left join mart_channel.commission_tranche as tranche on line.subscription_key = tranche.subscription_key
    group by line.outlet_id, line.month_start, line.model_type
)

select
    known.outlet_id,
    known.month_start,
    known.model_type,
    coalesce(finding.level, 0) as model_level,
    greatest(coalesce(finding.level, 0), coalesce(ranking.high_places, 0)) as level,
    known.model_type || '_month' as evidence_table,
    finding.score,
    coalesce(stake.lines, 0) as lines,
    coalesce(stake.at_risk_amt, 0) as commission_at_risk_amt,
    coalesce(stake.claw_back_amt, 0) as claw_back_amt,
    coalesce(handled.state_type, 'new') as state_type,
    handled.handler,
    handled.opened_at,
    handled.appealed_at,
    handled.result_type,
    handled.arbitrage_code,
    handled.decided_at,
    handled.closed_at
from known
left join finding
    on
        known.outlet_id = finding.outlet_id
        and known.month_start = finding.month_start
        and known.model_type = finding.model_type
left join handled
    on
        known.outlet_id = handled.outlet_id
        and known.month_start = handled.month_start
        and known.model_type = handled.model_type
left join stake
    on
        known.outlet_id = stake.outlet_id
        and known.month_start = stake.month_start
        and known.model_type = stake.model_type
left join mart_channel.outlet_rank_month as ranking
    on known.outlet_id = ranking.outlet_id and known.month_start = ranking.month_start
