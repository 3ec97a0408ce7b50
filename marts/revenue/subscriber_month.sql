/*
description: >-
  What each line was charged, billed, credited and paid by month; only lines with any of these. The bill of a month arrives
  after its end, so bill columns of the newest closed month are zero until then.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 60 months
scope: subscription_key
public: true
columns:
  month_start: date - First day of the month; of bill items, of the cycle; of payments, recharges and adjustments, of their day.
  subscription_key: bigint - Subscription; -1 when the amount belongs to no known line.
  party_key: bigint - Customer as resolved when the month closed; -1 when unknown.
  pay_type: varchar - prepaid or postpaid; attributes are those when the month closed, null when the line was not known then.
  brand: varchar - Brand.
  plan_id: varchar - Plan.
  line_type: varchar - handset, data_card or m2m.
  area_id: varchar - Area of the customer.
  channel_type: varchar - Type of the outlet that sold the line.
  segment_type: varchar - Segment of the customer.
  is_commercial: boolean - Belongs to the commercial population.
  bill_items: integer - Items on the bill of the cycle; zero without a bill.
  billed_amt: decimal(18,2) - Billed before discount, without tax.
  discount_amt: decimal(18,2) - Discount on the bill.
  revenue_amt: decimal(18,2) - Billed after discount, without tax.
  tax_amt: decimal(18,2) - Tax on the bill.
  fee_revenue_amt: decimal(18,2) - Revenue from monthly fees.
  voice_revenue_amt: decimal(18,2) - Revenue from calls.
  sms_revenue_amt: decimal(18,2) - Revenue from messages.
  data_revenue_amt: decimal(18,2) - Revenue from data.
  vas_revenue_amt: decimal(18,2) - Revenue from value-added services.
  roaming_revenue_amt: decimal(18,2) - Revenue from roaming.
  adjusted_amt: decimal(18,2) - Adjustments posted in the month; negative is a credit.
  credited_amt: decimal(18,2) - Credits posted in the month, as a positive amount.
  recharge_amt: decimal(18,2) - Recharges less reversals.
  paid_amt: decimal(18,2) - Part of the account's payments less reversals.
  charge_amt: decimal(18,6) - Charges as rated.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - revenue_amt = billed_amt - discount_amt
  - bill_items > 0 or billed_amt = 0
*/
with

movement as (
    select
        cycle_month as month_start, subscription_key, item_code as kind, billed_amt - discount_amt as amount_amt,
        billed_amt, discount_amt, tax_amt, 1 as bill_items
    from core.fct_bill_item
    union all
    select
        cast(date_trunc('month', posted_on) as date) as month_start, subscription_key, 'adjustment' as kind,
        adjusted_amt as amount_amt, 0 as billed_amt, 0 as discount_amt, 0 as tax_amt, 0 as bill_items
    from core.fct_adjustment
    union all
    select
        cast(date_trunc('month', recharged_on) as date) as month_start, subscription_key, 'recharge' as kind,
        recharged_amt as amount_amt, 0 as billed_amt, 0 as discount_amt, 0 as tax_amt, 0 as bill_items
    from core.fct_recharge
    union all
    select
        cast(date_trunc('month', paid_on) as date) as month_start, subscription_key, 'payment' as kind,
        paid_amt as amount_amt, 0 as billed_amt, 0 as discount_amt, 0 as tax_amt, 0 as bill_items
    from mart_revenue.subscriber_payment_day
    union all
    select
        month_start, subscription_key, 'charge' as kind,
        charge_amt as amount_amt, 0 as billed_amt, 0 as discount_amt, 0 as tax_amt, 0 as bill_items
    from mart_usage.subscriber_month
    where charge_amt <> 0
),

summed as (
    select
        month_start,
        coalesce(subscription_key, -1) as subscription_key,
        sum(bill_items) as bill_items,
        sum(billed_amt) as billed_amt,
        sum(discount_amt) as discount_amt,
        sum(tax_amt) as tax_amt,
        sum(case kind when 'fee' then amount_amt else 0 end) as fee_revenue_amt,
        sum(case kind when 'voice' then amount_amt else 0 end) as voice_revenue_amt,
        sum(case kind when 'sms' then amount_amt else 0 end) as sms_revenue_amt,
        sum(case kind when 'data' then amount_amt else 0 end) as data_revenue_amt,
        sum(case kind when 'vas' then amount_amt else 0 end) as vas_revenue_amt,
        sum(case kind when 'roaming' then amount_amt else 0 end) as roaming_revenue_amt,
        sum(case kind when 'adjustment' then amount_amt else 0 end) as adjusted_amt,
        sum(case when kind = 'adjustment' and amount_amt < 0 then -amount_amt else 0 end) as credited_amt,
        sum(case kind when 'recharge' then amount_amt else 0 end) as recharge_amt,
        sum(case kind when 'payment' then amount_amt else 0 end) as paid_amt,
        sum(case kind when 'charge' then amount_amt else 0 end) as charge_amt
    from movement
    group by month_start, coalesce(subscription_key, -1)
)

select
    summed.month_start,
    summed.subscription_key,
    coalesce(line.party_key, -1) as party_key,
    line.pay_type,
    line.brand,
    line.plan_id,
    line.line_type,
    line.area_id,
    line.channel_type,
    line.segment_type,
    coalesce(line.is_commercial, false) as is_commercial,
    summed.bill_items,
    summed.billed_amt,
    summed.discount_amt,
    summed.billed_amt - summed.discount_amt as revenue_amt,
    summed.tax_amt,
    summed.fee_revenue_amt,
    summed.voice_revenue_amt,
    summed.sms_revenue_amt,
    summed.data_revenue_amt,
    summed.vas_revenue_amt,
    summed.roaming_revenue_amt,
    summed.adjusted_amt,
    summed.credited_amt,
    summed.recharge_amt,
    summed.paid_amt,
    summed.charge_amt,
    last_day(summed.month_start) <= getvariable('as_of') as is_closed
from summed
left join core.subscriber_day as line
    on
        line.day = least(last_day(summed.month_start), getvariable('as_of'))
        and summed.subscription_key = line.subscription_key
