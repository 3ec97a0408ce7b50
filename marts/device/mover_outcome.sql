/*
description: >-
  What became known of each gross add and each churned line after its month - whether it was a return, and whether the new
  line is used and billed; a stretch is the month of the movement.
grain: [subscription_key, side_type, valid_from]
scope: subscription_key
columns:
  subscription_key: bigint - Line.
  side_type: varchar - joiner (a gross add) or leaver (a churned line).
  valid_from: timestamp - First moment of the month of the movement.
  valid_to: timestamp - Last day of that month.
  is_re_entry: boolean - The line is the new one or the old one of a return.
  returns_in_row: integer - Of the new line of a return, this return and those shortly before it; else 0.
  confidence: decimal(5,4) - How sure the return is; 0 for none.
  is_effective: boolean - A new line that is no return, was used and was billed in the month after its activation.
  is_final: boolean - No later activation can make it a return any more.
checks:
  - not (is_effective and is_re_entry)
*/
with

mover as (
    select
        mover_month.*,
        coalesce(new.new_subscription_key, old.new_subscription_key) is not null as is_re_entry,
        coalesce(new.returns_in_row, 0) as returns_in_row,
        coalesce(new.confidence, old.confidence, 0) as confidence
    from mart_device.mover_month
    left join mart_device.re_entry as new
        on mover_month.side_type = 'joiner' and mover_month.subscription_key = new.new_subscription_key
    left join mart_device.re_entry as old
        on
            mover_month.side_type = 'leaver'
            and mover_month.subscription_key = old.old_subscription_key
            and mover_month.month_start = old.old_month_start
)

-- Whoever activates within sixty days of leaving is judged by the end of the third month after.
select
    mover.subscription_key,
    mover.side_type,
    cast(mover.movement_month_start as timestamp) as valid_from,
    cast(last_day(mover.movement_month_start) as timestamp) as valid_to,
    mover.is_re_entry,
    mover.returns_in_row,
    mover.confidence,
    mover.side_type = 'joiner' and not mover.is_re_entry and coalesce(
        mover.active_days >= threshold.effective_days and mover.revenue_amt >= threshold.effective_amt, false
    ) as is_effective,
    mover.side_type = 'joiner'
    or last_day(cast(mover.movement_month_start + interval 3 month as date)) <= getvariable('as_of') as is_final
from mover
cross join mart_device.threshold as threshold
