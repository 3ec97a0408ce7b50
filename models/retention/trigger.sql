/*
description: What makes a task, most urgent first - who takes it, and within how many days somebody has to be spoken to.
grain: [trigger_type]
public: true
columns:
  trigger_type: varchar - port_enquiry, complaint, contract_t1, model, contract_t2, contract_t3 or downgrade.
  priority: integer - 1 is the most urgent; a line warned of for several reasons on one day is one task, of the most urgent.
  owner: varchar - Team that takes the task.
  sla_days: integer - Days after the day of the warning within which the first contact has to be.
  meaning: varchar - What was seen.
checks:
  - priority between 1 and 7
  - sla_days between 1 and 30
*/
select
    declared.trigger_type,
    declared.priority,
    declared.owner,
    declared.sla_days,
    declared.meaning
from (
    values
    ('port_enquiry', 1, 'retention-hotline', 1, 'The customer asked for the code needed to leave with the number.'),
    ('complaint', 2, 'customer-care', 2, 'A complaint ended without a solution or was opened again.'),
    ('contract_t1', 3, 'retention', 7, 'The contract ends next month.'),
    ('model', 4, 'retention', 7, 'On the list that the expected profit chose.'),
    ('contract_t2', 5, 'outbound', 14, 'The contract ends in the month after next.'),
    ('contract_t3', 6, 'outbound', 14, 'The contract ends in three months.'),
    ('downgrade', 7, 'outbound', 14, 'The line is far more likely than others to go to a cheaper plan.')
) as declared (trigger_type, priority, owner, sla_days, meaning)
