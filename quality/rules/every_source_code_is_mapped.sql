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
union all
select
    'stage_type' as domain,
    'care' as source,
    stage.stage_type as source_code,
    count(*) as records,
    min(stage.delivery_id) as example_no
from stg_care.ticket_stage as stage
left join core.map_code as code
    on code.domain = 'stage_type' and code.source = 'care' and stage.stage_type = code.source_code
where
    code.std_code is null
    and stage.superseded_on is null
    and stage.updated_on between getvariable('from_day') and getvariable('to_day')
group by stage.stage_type
union all
select
    'ledger_item' as domain,
    'finance' as source,
    book.account_code as source_code,
    count(*) as records,
    min(book.delivery_id) as example_no
from stg_finance.ledger_revenue as book
left join core.map_code as code
    on code.domain = 'ledger_item' and code.source = 'finance' and book.account_code = code.source_code
where
    code.std_code is null
    and book.superseded_on is null
    and book.posted_on between getvariable('from_day') and getvariable('to_day')
group by book.account_code
order by domain, source_code
