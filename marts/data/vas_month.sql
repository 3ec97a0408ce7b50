/*
description: >-
  Value-added services by month - who holds them, who began and ended, who complained within days of the beginning, what
  they brought. Bills tell of value-added services as one item: its amount goes to a service only on lines that held one alone.
grain: [month_start, offer_id]
public: true
requires: [stg_provisioning.offer_instance]
columns:
  month_start: date - First day of the month, in the operator's time zone.
  offer_id: varchar - Service as the catalogue numbers it; 'several' for amounts of lines that held more than one, 'none' of lines that held none.
  held_lines: bigint - Distinct lines that held it on any day of the month.
  begun: bigint - Times it began in the month.
  ended: bigint - Times it ended in the month.
  ended_early: bigint - Of those that began in the month, ended again within the days in which a complaint counts.
  complained: bigint - Of those that began in the month, the line complained within these days, whatever about.
  fee_amt: decimal(18,2) - Billed for value-added services in the cycle, before discount.
  credit_amt: decimal(18,2) - Of these amounts, credit lines on the bill, as a positive amount.
checks:
  - complained <= begun and ended_early <= begun
*/
with

month_of as (
    select
        month_start,
        min(begins_at) as begins_at,
        max(begins_at) + interval 24 hours as ends_at
    from core.dim_date
    where day <= getvariable('as_of')
    group by month_start
),

held as (
    select
        month_of.month_start,
        offer.offer_id,
        offer.offer_no,
        offer.subscription_key,
        offer.valid_from >= month_of.begins_at as has_begun,
        offer.valid_to < month_of.ends_at as has_ended,
        offer.valid_from,
        offer.valid_to
    from core.bridge_subscription_offer as offer
    inner join month_of on offer.valid_from < month_of.ends_at and offer.valid_to > month_of.begins_at
    where offer.offer_type = 'vas'
),

complaint as (
    select distinct
        held.month_start,
        held.offer_no
    from held
    cross join mart_data.threshold as threshold
    inner join mart_service.ticket_day as ticket
        on
            held.subscription_key = ticket.subscription_key
            and ticket.is_opened
            and held.valid_from <= ticket.opened_at
            and ticket.opened_at <= held.valid_from + threshold.complaint_days * interval 1 day
    where held.has_begun
),

counted as (
    select
        held.month_start,
        held.offer_id,
        count(distinct held.subscription_key) as held_lines,
        sum(case when held.has_begun then 1 else 0 end) as begun,
        sum(case when held.has_ended then 1 else 0 end) as ended,
        sum(
            case
                when held.has_begun and held.valid_to <= held.valid_from + threshold.complaint_days * interval 1 day
                    then 1
                else 0
            end
        ) as ended_early,
        count(complaint.offer_no) as complained
    from held
    cross join mart_data.threshold as threshold
    left join complaint on held.month_start = complaint.month_start and held.offer_no = complaint.offer_no
    group by held.month_start, held.offer_id
),

holder as (
    select
        month_start,
        subscription_key,
        case when min(offer_id) = max(offer_id) then min(offer_id) else 'several' end as offer_id
    from held
    group by month_start, subscription_key
),

billed as (
    select
        item.cycle_month as month_start,
        coalesce(holder.offer_id, 'none') as offer_id,
        sum(item.billed_amt) as fee_amt,
        sum(case when item.billed_amt < 0 then -item.billed_amt else 0 end) as credit_amt
    from core.fct_bill_item as item
    left join holder on item.cycle_month = holder.month_start and item.subscription_key = holder.subscription_key
    where item.item_code = 'vas'
    group by item.cycle_month, coalesce(holder.offer_id, 'none')
)

select
    coalesce(counted.month_start, billed.month_start) as month_start,
    coalesce(counted.offer_id, billed.offer_id) as offer_id,
    coalesce(counted.held_lines, 0) as held_lines,
    coalesce(counted.begun, 0) as begun,
    coalesce(counted.ended, 0) as ended,
    coalesce(counted.ended_early, 0) as ended_early,
    coalesce(counted.complained, 0) as complained,
    coalesce(billed.fee_amt, 0) as fee_amt,
    coalesce(billed.credit_amt, 0) as credit_amt
from counted
full outer join billed on counted.month_start = billed.month_start and counted.offer_id = billed.offer_id
