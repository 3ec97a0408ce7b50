/*
description: What counts as leaving, one row per definition; a model is trained on those that it names.
grain: [definition]
public: true
columns:
  definition: varchar - Name.
  pay_type: varchar - Lines that it is about; null for all.
  event_type: varchar - exit (out of the network), silence (an exit, or days without any event), or fade (hardly used, though still there).
  gap_days: integer - Days after T that are left to the campaign; who leaves in them is in no label.
  horizon_days: integer - Days after the gap in which the event counts.
  settle_days: integer - Days after these until the event is known; the days without any event of a silence.
  meaning: varchar - In words.
*/
select
    declared.definition,
    declared.pay_type,
    declared.event_type,
    declared.gap_days,
    declared.horizon_days,
    declared.settle_days,
    declared.meaning
from (
    values
    (
        'postpaid_exit', 'postpaid', 'exit', 10, 60, 0,
        'Terminated or ported out in the horizon, and not back when it ends.'
    ),
    (
        'prepaid_silent', 'prepaid', 'silence', 10, 60, 90,
        'Terminated or ported out in the horizon, or from a day of it on ninety days without event and recharge.'
    ),
    (
        'soft', null, 'fade', 0, 62, 0,
        'In the network two months later, and in both used less than a fifth of the mean of the three months up to T.'
    )
) as declared (definition, pay_type, event_type, gap_days, horizon_days, settle_days, meaning)
