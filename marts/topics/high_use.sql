/*
description: Lines that used more on a day than an honest customer does - charges, calls made or volume - by month.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 26 months
open_month: false
scope: subscription_key
public: true
reads: {mart_topics.threshold: static}
columns:
  month_start: date - First day of the month, in the operator's time zone.
  subscription_key: bigint - Subscription known when the month closed.
  plan_id: varchar - Plan when the month closed.
  pay_type: varchar - prepaid or postpaid.
  channel_type: varchar - Type of the outlet that sold the line.
  high_charge_days: integer - Days with high rated charges.
  high_voice_days: integer - Days with many hours of calls made.
  high_data_days: integer - Days with a high volume.
  charge_amt: decimal(18,6) - Rated charges of these days.
  tenure_days: integer - Days since the first activation when the month closed; null when not told.
  arrears_amt: decimal(18,2) - Overdue of its account when the month closed; null when not told.
  use_type: varchar - suspicious (new, or its account in arrears) or heavy.
checks:
  - high_charge_days + high_voice_days + high_data_days > 0
*/
with

high as (
    select
        cast(date_trunc('month', used.day) as date) as month_start,
        used.subscription_key,
        sum(case when used.charge_amt >= threshold.high_charge_amt then 1 else 0 end) as high_charge_days,
        sum(case when used.voice_outgoing_seconds >= threshold.high_voice_s then 1 else 0 end) as high_voice_days,
        sum(case when used.data_bytes >= threshold.high_data_bytes then 1 else 0 end) as high_data_days,
        sum(used.charge_amt) as charge_amt
    from mart_usage.subscriber_day as used
    cross join mart_topics.threshold as threshold
    where
        used.charge_amt >= threshold.high_charge_amt
        or used.voice_outgoing_seconds >= threshold.high_voice_s
        or used.data_bytes >= threshold.high_data_bytes
    group by cast(date_trunc('month', used.day) as date), used.subscription_key
)

select
    high.month_start,
    high.subscription_key,
    line.plan_id,
    line.pay_type,
    line.channel_type,
    high.high_charge_days,
    high.high_voice_days,
    high.high_data_days,
    high.charge_amt,
    line.tenure_days,
    line.arrears_amt,
    case
        when line.tenure_days <= threshold.new_line_days or line.arrears_amt > 0 then 'suspicious'
        else 'heavy'
    end as use_type
from high
inner join core.subscriber_day as line
    on last_day(high.month_start) = line.day and high.subscription_key = line.subscription_key
cross join mart_topics.threshold as threshold
