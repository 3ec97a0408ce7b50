-- A code that nobody has given a meaning is UNK in the core and in no figure by its kind; judged for what the night closes.
-- Usual cause: the source introduced a code. Ask its owner, then add it to pipelines/core/codes.yaml. severity: watch
select
    'status_type' as domain,
    'provisioning' as source,
    event_type as source_code,
    count(*) as records,
    min(event_no) as example_no
from core.fct_subscription_event
where status_type = 'UNK' and superseded_on is null
group by event_type
union all
select
    'churn_type' as domain,
    'provisioning' as source,
    status_reason as source_code,
    count(*) as records,
    min(subscription_key) as example_no
from core.subscriber_day
where churn_type = 'UNK' and day between getvariable('from_day') and getvariable('to_day')
group by status_reason
order by domain, source_code
