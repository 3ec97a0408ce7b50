/*
description: Sessions in electronic channels, as delivered.
grain: [delivery_id, row_no]
refresh: delivery
partition: started_on
columns:
  session_id: varchar - Session.
  msisdn_key: bigint - Number logged in with; null when anonymous.
  channel_type: varchar - app, web, wechat or terminal.
  started_at: timestamp - When it began, UTC.
  started_on: date - Business day on which it began.
  duration_s: integer - Duration in seconds.
  pages: integer - Pages seen.
  is_login: boolean - Whether someone logged in.
  orders: integer - Orders placed.
  is_bot_suspect: boolean - Whether the channel takes it for a robot.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    session_id,
    msisdn_key,
    channel as channel_type,
    started_at,
    event_day as started_on,
    duration_s,
    pages,
    is_login,
    orders,
    is_bot_suspect,
    delivery_id,
    row_no,
    known_on,
    superseded_on
from raw_echannel.session
