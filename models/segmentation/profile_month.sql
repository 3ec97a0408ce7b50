/*
description: Profile cards - how the lines of each segment differ from all lines, feature by feature, in standard deviations.
grain: [month_start, segment_id, feature_name]
refresh: month
partition: month_start
keep: 60 months
open_month: false
public: true
reads: {segmentation.threshold: static}
columns:
  month_start: date - First day of the month, in the operator's time zone.
  segment_id: integer - Segment.
  segment_name: varchar - Its name.
  feature_name: varchar - Column of segmentation.feature_month.
  lines: integer - Lines of the segment with a value.
  mean: decimal(18,4) - Mean of the segment.
  base_mean: decimal(18,4) - Mean of all lines with a segment.
  deviations: decimal(9,4) - Difference of the means of ln(1 + value), over the base's standard deviation of it; 0 when all are alike.
  place: integer - Rank of the feature within the segment, 1 for what sets it apart most.
  word: varchar - far below, below, like all, above or far above.
checks:
  - place >= 1
*/
with

value as (
    select
        member.month_start,
        member.segment_id,
        member.segment_name,
        feature.name as feature_name,
        cast(
            case feature.name
                when 'tenure_months' then line.tenure_months
                when 'days_silent' then line.days_silent
                when 'active_days' then line.active_days
                when 'voice_minutes' then line.voice_minutes
                when 'on_net_share' then line.on_net_share
                when 'sms_sent' then line.sms_sent
                when 'data_gb' then line.data_gb
                when 'roaming_minutes' then line.roaming_minutes
                when 'contacts' then line.contacts
                when 'spend_amt' then line.spend_amt
                when 'recharge_amt' then line.recharge_amt
            end as double
        ) as value
    from segmentation.member_month as member
    inner join segmentation.feature_month as line
        on member.month_start = line.month_start and member.subscription_key = line.subscription_key
    cross join (
        values ('tenure_months'), ('days_silent'), ('active_days'), ('voice_minutes'), ('on_net_share'), ('sms_sent'),
        ('data_gb'), ('roaming_minutes'), ('contacts'), ('spend_amt'), ('recharge_amt')
    ) as feature (name)
),

-- Sums of rounded integers do not depend on the order in which threads add them.
counted as (
    select
        month_start,
        segment_id,
        max(segment_name) as segment_name,
        feature_name,
        count(*) as lines,
        sum(cast(round(value, 4) as decimal(18, 4))) as total,
        sum(cast(round(ln(1 + greatest(value, 0)), 6) as decimal(18, 6))) as logs,
        sum(cast(round(ln(1 + greatest(value, 0)) * ln(1 + greatest(value, 0)), 6) as decimal(18, 6))) as log_squares
    from value
    where value is not null
    group by month_start, segment_id, feature_name
),

base as (
    select
        month_start,
        feature_name,
        cast(sum(lines) as double) as lines,
        cast(sum(total) as double) as total,
        cast(sum(logs) as double) as logs,
        cast(sum(log_squares) as double) as log_squares
    from counted
    group by month_start, feature_name
),

compared as (
    select
        counted.month_start,
        counted.segment_id,
        counted.segment_name,
        counted.feature_name,
        counted.lines,
        round(pf_div(counted.total, counted.lines), 4) as mean,
        round(pf_div(base.total, base.lines), 4) as base_mean,
        cast(coalesce(round(
            pf_div(
                pf_div(counted.logs, counted.lines) - pf_div(base.logs, base.lines),
                nullif(round(sqrt(greatest(
                    pf_div(base.log_squares, base.lines)
                    - pf_div(base.logs, base.lines) * pf_div(base.logs, base.lines), 0
                )), 6), 0)
            ), 4
        ), 0) as decimal(9, 4)) as deviations
    from counted
    inner join base on counted.month_start = base.month_start and counted.feature_name = base.feature_name
)

select
    compared.month_start,
    compared.segment_id,
    compared.segment_name,
    compared.feature_name,
    compared.lines,
    compared.mean,
    compared.base_mean,
    compared.deviations,
    row_number() over (
        partition by compared.month_start, compared.segment_id
        order by abs(compared.deviations) desc, compared.feature_name asc
    ) as place,
    case
        when compared.deviations <= -threshold.far_deviations then 'far below'
        when compared.deviations <= -threshold.noticeable_deviations then 'below'
        when compared.deviations >= threshold.far_deviations then 'far above'
        when compared.deviations >= threshold.noticeable_deviations then 'above'
        else 'like all'
    end as word
from compared
cross join segmentation.threshold as threshold
