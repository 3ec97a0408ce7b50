/*
description: >-
  Outlets by month, judged on whether the lines they activated the month before are real - the score of the book, and the share of
  suspected lines pooled over months and shrunk towards the average, which small outlets need.
grain: [month_start, outlet_id]
public: true
columns:
  month_start: date - First day of the month in which the new lines were watched; they were activated in the month before.
  outlet_id: varchar - Outlet that activated lines in the month before.
  city_area_id: varchar - City of the outlet as listed now; null when unknown.
  new_lines: integer - Lines activated in the month before.
  low_spend_lines: integer - Of these, spending less than the threshold.
  low_voice_lines: integer - Of these, talking less than the threshold.
  zero_use_lines: integer - Of these, without any event.
  one_site_lines: integer - Of these, used at one site only.
  shared_devices: integer - Handsets with at least as many of these lines as the threshold.
  shared_device_users: integer - Lines on such handsets, counted once for each.
  on_shared_lines: integer - Lines on at least one such handset.
  growth_ratio: decimal(18,4) - New lines over their mean in the months before, divided by the same of the city; null without a past.
  is_entered: boolean - That ratio is above the threshold, which is where the book begins to look.
  book_score: decimal(18,4) - Score of the book, whether the outlet entered or not.
  book_level: integer - 0 to 3 by the score of the book, for outlets that entered; 0 for others.
  pooled_lines: integer - New lines of this and the months before that are judged together.
  pooled_suspected_lines: integer - Of these, suspected.
  suspected_share: decimal(18,4) - Share of suspected lines after adding the lines of an average outlet.
  level: integer - 0 to 3 by that share, 0 with too few suspected lines.
  is_suspected: boolean - Level 1 or higher.
checks:
  - level between 0 and 3 and book_level between 0 and 3
  - pooled_suspected_lines <= pooled_lines
*/
with

cohort as (
    select
        month_start,
        outlet_id,
        count(*) as new_lines,
        count(*) filter (where is_low_spend) as low_spend_lines,
        count(*) filter (where is_low_voice) as low_voice_lines,
        count(*) filter (where is_zero_use) as zero_use_lines,
        count(*) filter (where is_at_one_site) as one_site_lines,
        count(*) filter (where is_on_shared_device) as on_shared_lines,
        count(*) filter (where is_suspected) as suspected_lines
    from mart_channel.new_line_month
    group by month_start, outlet_id
),

handset as (
    select month_start, outlet_id, imei_body_key, count(*) as lines
    from mart_channel.new_line_device_month
    group by month_start, outlet_id, imei_body_key
),

shared as (
    select handset.month_start, handset.outlet_id, count(*) as devices, sum(handset.lines) as users
    from handset
    cross join mart_channel.threshold as threshold
    where handset.lines >= threshold.shared_device_lines
    group by handset.month_start, handset.outlet_id
),

pooled as (
    select
        now.month_start,
        now.outlet_id,
        sum(past.new_lines) as lines,
        sum(past.suspected_lines) as suspected_lines
    from cohort as now
    cross join mart_channel.threshold as threshold
    inner join cohort as past
        on
            now.outlet_id = past.outlet_id
            and now.month_start >= past.month_start
            and pf_month_diff(past.month_start, now.month_start) < threshold.pooled_months
    group by now.month_start, now.outlet_id
),

scored as (
    select
        cohort.*,
        coalesce(shared.devices, 0) as shared_devices,
        coalesce(shared.users, 0) as shared_device_users,
        growth.city_area_id,
        growth.growth_ratio,
        round(
            100 * pf_div(cohort.low_spend_lines, cohort.new_lines)
            / threshold.fake_low_spend_per * threshold.fake_low_spend_weight
            + 100 * pf_div(cohort.low_voice_lines, cohort.new_lines)
            / threshold.fake_low_voice_per * threshold.fake_low_voice_weight
            + coalesce(shared.devices, 0)
            / threshold.fake_shared_devices_per * threshold.fake_shared_devices_weight
            + coalesce(pf_div(shared.users, shared.devices), 0)
            / threshold.fake_device_users_per * threshold.fake_device_users_weight
            + 100 * pf_div(cohort.on_shared_lines, cohort.new_lines)
            / threshold.fake_on_shared_per * threshold.fake_on_shared_weight
            + 100 * pf_div(cohort.zero_use_lines, cohort.new_lines)
            / threshold.fake_zero_use_per * threshold.fake_zero_use_weight
            + 100 * pf_div(cohort.one_site_lines, cohort.new_lines)
            / threshold.fake_one_site_per * threshold.fake_one_site_weight, 4
        ) as book_score,
        pooled.lines as pooled_lines,
        pooled.suspected_lines as pooled_suspected_lines,
        round(pf_div(
            pooled.suspected_lines + threshold.prior_lines * threshold.prior_share,
            pooled.lines + threshold.prior_lines
        ), 4) as suspected_share
    from cohort
    cross join mart_channel.threshold as threshold
    inner join pooled on cohort.month_start = pooled.month_start and cohort.outlet_id = pooled.outlet_id
    inner join mart_channel.outlet_growth_month as growth
        on cohort.month_start = growth.month_start and cohort.outlet_id = growth.outlet_id
    left join shared on cohort.month_start = shared.month_start and cohort.outlet_id = shared.outlet_id
),

levelled as (
    select
        scored.*,
        coalesce(scored.growth_ratio > threshold.growth_ratio, false) as is_entered,
        case
            when scored.book_score >= threshold.fake_level_3 then 3
            when scored.book_score >= threshold.fake_level_2 then 2
            when scored.book_score >= threshold.fake_level_1 then 1
            else 0
        end as score_level,
        case
            when scored.pooled_suspected_lines < threshold.suspected_lines then 0
            when scored.suspected_share >= threshold.suspected_share_3 then 3
            when scored.suspected_share >= threshold.suspected_share_2 then 2
            when scored.suspected_share >= threshold.suspected_share then 1
            else 0
        end as level
    from scored
    cross join mart_channel.threshold as threshold
)

select
    month_start,
    outlet_id,
    city_area_id,
    new_lines,
    low_spend_lines,
    low_voice_lines,
    zero_use_lines,
    one_site_lines,
    shared_devices,
    shared_device_users,
    on_shared_lines,
    growth_ratio,
    is_entered,
    book_score,
    case when is_entered then score_level else 0 end as book_level,
    pooled_lines,
    pooled_suspected_lines,
    suspected_share,
    level,
    level > 0 as is_suspected
from levelled
