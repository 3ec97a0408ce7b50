/*
description: Changes of the SIM card of a line that goes on under the same number.
grain: [subscription_key, swapped_at]
public: true
columns:
  subscription_key: bigint - Line.
  swapped_at: timestamp - Moment from which the new card counts, UTC.
  swapped_on: date - Business day of it.
  msisdn_key: bigint - Number, before and after.
  old_imsi_key: bigint - SIM identity before.
  new_imsi_key: bigint - SIM identity after.
  old_iccid_key: bigint - SIM card before; null when provisioning did not say.
  new_iccid_key: bigint - SIM card after; null when provisioning did not say.
  reason_type: varchar - The life-cycle event that brought the card.
  days_before: integer - Days since the card before was taken into use.
  swaps_in_90_days: integer - Swaps of the line in the ninety days up to this one, this one included.
checks:
  - old_imsi_key <> new_imsi_key
  - swaps_in_90_days >= 1
*/
with

card as (
    select
        subscription_key,
        valid_from,
        imsi_key,
        iccid_key,
        reason_type,
        lag(imsi_key) over in_order as imsi_key_before,
        lag(iccid_key) over in_order as iccid_key_before,
        lag(valid_from) over in_order as used_from
    from core.bridge_sim
    window in_order as (partition by subscription_key order by valid_from)
),

period as (
    select
        subscription_key,
        valid_from,
        event_day,
        msisdn_key,
        lag(msisdn_key) over (partition by subscription_key order by valid_from) as msisdn_key_before
    from core.subscription_period
),

swap as (
    select
        card.*,
        period.msisdn_key,
        period.event_day
    from card
    inner join period on card.subscription_key = period.subscription_key and card.valid_from = period.valid_from
    where card.imsi_key <> card.imsi_key_before and period.msisdn_key = period.msisdn_key_before
)

select
    subscription_key,
    valid_from as swapped_at,
    event_day as swapped_on,
    msisdn_key,
    imsi_key_before as old_imsi_key,
    imsi_key as new_imsi_key,
    iccid_key_before as old_iccid_key,
    iccid_key as new_iccid_key,
    reason_type,
    date_diff('day', used_from, valid_from) as days_before,
    count(*) over (
        partition by subscription_key order by valid_from
        range between interval 90 day preceding and current row
    ) as swaps_in_90_days
from swap
