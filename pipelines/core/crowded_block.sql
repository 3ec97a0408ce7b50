/*
description: Agreements that more than twenty customer records share, and which therefore bring nobody together.
grain: [kind, key, with_key]
columns:
  kind: varchar - What agrees.
  key: bigint - Its first half.
  with_key: bigint - Its second half.
  crowded_from: date - Business day whose night first knew the twenty-first record; comparing all with all would cost a night.
*/
with

crowd as (
    select
        kind,
        key,
        with_key
    from core.identity_block
    where key is not null and with_key is not null
    group by kind, key, with_key
    having count(*) > 20
),

holder as (
    select
        block.kind,
        block.key,
        block.with_key,
        min(block.known_from) as since,
        row_number() over (
            partition by block.kind, block.key, block.with_key order by min(block.known_from), block.customer_key
        ) as place
    from core.identity_block as block
    inner join crowd on block.kind = crowd.kind and block.key = crowd.key and block.with_key = crowd.with_key
    group by block.kind, block.key, block.with_key, block.customer_key
)

select
    kind,
    key,
    with_key,
    since as crowded_from
from holder
where place = 21
