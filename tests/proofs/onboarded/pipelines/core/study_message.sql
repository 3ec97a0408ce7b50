/*
description: Messages of the Copenhagen study, each once; the same row delivered again is counted and left out.
grain: [sent_at, sender_key, recipient_key]
columns:
  sent_at: timestamp - When it was sent, UTC, counted from an assumed first day.
  sender_key: bigint - Participant who sent it.
  recipient_key: bigint - Participant who received it.
  removed_copies: bigint - Exact duplicates that were left out.
*/
select
    sent_at,
    sender_key,
    recipient_key,
    count(*) - 1 as removed_copies
from stg_copenhagen_cns.sms
where superseded_on is null
group by sent_at, sender_key, recipient_key
