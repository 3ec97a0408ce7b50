/*
description: >-
  Realised, potential and model value of each commercial line in network by month, and its layer in the pyramid. Amounts look
  at the line from the end of the month; they are restated when the bills of the month arrive.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
public: true
reads: {value.threshold: static}
columns:
  month_start: date - First day of the month.
  subscription_key: bigint - Line.
  pay_type: varchar - prepaid or postpaid.
  segment_type: varchar - Segment of the customer.
  realised_amt: decimal(18,2) - Margin of the last twelve months, commission and subsidy taken off.
  spend_amt: decimal(18,2) - Revenue per month; null where no month is told in full yet.
  peer_spend_amt: decimal(18,2) - Spend that four fifths of its peers (pay type, line type, segment) stay below.
  spend_gap_amt: decimal(18,2) - What it lacks of that per month; 0 for who spends more.
  unbought_amt: decimal(18,2) - What peers spend per month on data, value-added services and roaming of which it bought none.
  potential_amt: decimal(18,2) - A year of gap and unbought, times the probability of uptake that is declared.
  recurring_amt: decimal(18,2) - Recurring margin per month; null where no month is told in full yet.
  discounted_months: decimal(12,6) - What one a month is worth over the horizon to a line of its pay type and tenure.
  life_time_amt: decimal(18,2) - The product of the two; null like recurring_amt.
  influence_amt: decimal(18,2) - Margin of others that its going would take along - weighed neighbours x influence_share x mean life_time_amt of the month.
  model_amt: decimal(18,2) - Life time and influence together; null like recurring_amt.
  place: integer - Rank by model value, from 1, lines without one last.
  pyramid_type: varchar - top, high, middle or base, with 1, 4, 15 and 80 of a hundred lines.
checks:
  - potential_amt >= 0 and spend_gap_amt >= 0
  - pyramid_type in ('top', 'high', 'middle', 'base')
  - place >= 1
*/
with

peer as (
    select
        month_start,
        pay_type,
        line_type,
        segment_type,
        count(*) as peers,
        max(case when place >= peer_share * lines then null else spend_amt end) as peer_spend_amt,
        sum(data_spend_amt) as data_amt,
        sum(vas_spend_amt) as vas_amt,
        sum(roaming_spend_amt) as roaming_amt
    from (
        select
            line.*,
            threshold.peer_share,
            row_number() over (
                partition by line.month_start, line.pay_type, line.line_type, line.segment_type
                order by line.spend_amt, line.subscription_key
            ) - 1 as place,
            count(*) over (
                partition by line.month_start, line.pay_type, line.line_type, line.segment_type
            ) as lines
        from value.realised_month as line
        cross join value.threshold as threshold
        where line.spend_amt is not null
    ) as ranked
    group by month_start, pay_type, line_type, segment_type
),

-- Groups too small to be a measure are held against all lines.
everybody as (
    select
        month_start,
        max(case when place >= peer_share * lines then null else spend_amt end) as peer_spend_amt
    from (
        select
            line.month_start,
            line.spend_amt,
            threshold.peer_share,
            row_number() over (
                partition by line.month_start order by line.spend_amt, line.subscription_key
            ) - 1 as place,
            count(*) over (partition by line.month_start) as lines
        from value.realised_month as line
        cross join value.threshold as threshold
        where line.spend_amt is not null
    ) as ranked
    group by month_start
),

told as (
    select
        line.month_start,
        line.subscription_key,
        line.pay_type,
        line.segment_type,
        line.margin_12_amt as realised_amt,
        line.spend_amt,
        case
            when coalesce(peer.peers, 0) >= threshold.least_peers then peer.peer_spend_amt
            else everybody.peer_spend_amt
        end as peer_spend_amt,
        case
            when coalesce(peer.peers, 0) < threshold.least_peers then 0
            else
                case when line.data_spend_amt > 0 then 0 else round(pf_div(peer.data_amt, peer.peers), 6) end
                + case when line.vas_spend_amt > 0 then 0 else round(pf_div(peer.vas_amt, peer.peers), 6) end
                + case when line.roaming_spend_amt > 0 then 0 else round(pf_div(peer.roaming_amt, peer.peers), 6) end
        end as unbought_amt,
        line.recurring_amt,
        life.discounted_months,
        round(line.recurring_amt * life.discounted_months, 2) as life_time_amt,
        coalesce(influence.weighed_neighbours, 0) as weighed_neighbours,
        threshold.uptake_share,
        threshold.influence_share
    from value.realised_month as line
    cross join value.threshold as threshold
    left join everybody on line.month_start = everybody.month_start
    left join peer
        on
            line.month_start = peer.month_start
            and line.pay_type is not distinct from peer.pay_type
            and line.line_type is not distinct from peer.line_type
            and line.segment_type is not distinct from peer.segment_type
    left join value.survival_month as life
        on
            line.month_start = life.month_start
            and line.pay_type = life.pay_type
            and least(line.tenure_months, 60) = life.tenure_months
    left join value.influence_month as influence
        on line.month_start = influence.month_start and line.subscription_key = influence.subscription_key
),

average as (
    select
        month_start,
        round(pf_div(sum(life_time_amt), count(life_time_amt)), 6) as life_time_amt
    from told
    group by month_start
),

valued as (
    select
        told.*,
        greatest(coalesce(told.peer_spend_amt - told.spend_amt, 0), 0) as spend_gap_amt,
        round(told.weighed_neighbours * told.influence_share * greatest(coalesce(average.life_time_amt, 0), 0), 2)
            as influence_amt
    from told
    left join average on told.month_start = average.month_start
),

placed as (
    select
        *,
        row_number() over (
            partition by month_start order by life_time_amt + influence_amt desc nulls last, subscription_key asc
        ) as place,
        count(*) over (partition by month_start) as lines
    from valued
)

select
    placed.month_start,
    placed.subscription_key,
    placed.pay_type,
    placed.segment_type,
    placed.realised_amt,
    placed.spend_amt,
    placed.peer_spend_amt,
    placed.spend_gap_amt,
    placed.unbought_amt,
    round(12 * (placed.spend_gap_amt + greatest(placed.unbought_amt, 0)) * placed.uptake_share, 2) as potential_amt,
    placed.recurring_amt,
    placed.discounted_months,
    placed.life_time_amt,
    placed.influence_amt,
    placed.life_time_amt + placed.influence_amt as model_amt,
    placed.place,
    case
        when placed.place * 100 <= threshold.pyramid_top_pct * placed.lines then 'top'
        when placed.place * 100 <= (threshold.pyramid_top_pct + threshold.pyramid_high_pct) * placed.lines then 'high'
        when
            placed.place * 100
            <= (threshold.pyramid_top_pct + threshold.pyramid_high_pct + threshold.pyramid_middle_pct) * placed.lines
            then 'middle'
        else 'base'
    end as pyramid_type
from placed
cross join value.threshold as threshold
