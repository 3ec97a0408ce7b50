/*
description: Sessions in electronic channels, each once, on the day they began; anonymous ones and robots included.
grain: [started_on, session_id]
refresh: day
partition: started_on
scope: msisdn_key
optional: {stg_echannel.session: no sessions}
columns:
  session_id: varchar - Session.
  msisdn_key: bigint - Number logged in with or known from before; null when anonymous.
  channel_type: varchar - app, web, wechat or terminal.
  started_at: timestamp - When it began, UTC.
  started_on: date - Business day on which it began.
  duration_s: integer - Duration in seconds.
  pages: integer - Pages seen.
  is_login: boolean - Whether someone logged in; null when the source does not say.
  orders: integer - Orders placed.
  is_bot_suspect: boolean - Whether the channel takes it for a robot; false when the source does not say.
*/
with

listed as (
    select
        *,
        row_number() over (partition by started_on, session_id order by known_on, delivery_id, row_no) as place
    from stg_echannel.session
    where superseded_on is null
)

select
    session_id,
    msisdn_key,
    channel_type,
    started_at,
    started_on,
    duration_s,
    pages,
    is_login,
    coalesce(orders, 0) as orders,
    coalesce(is_bot_suspect, false) as is_bot_suspect
from listed
where place = 1
