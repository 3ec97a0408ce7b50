/*
description: Contract handsets sold by each outlet and what became of the bundles, by month of judgement.
grain: [month_start, outlet_id]
refresh: month
partition: month_start
open_month: false
keep: 26 months
public: true
columns:
  month_start: date - First day of the month in which the thirty days after the sales ended.
  outlet_id: varchar - Outlet; unknown when the sale does not say.
  bundles: integer - Contract handsets that could be judged.
  unpacked_bundles: integer - Of these, unpacked.
  never_seen_bundles: integer - Of these, with a handset that no line shows.
  other_line_bundles: integer - Of these, with a handset that another line shows more than the buyer's.
  out_of_province_bundles: integer - Of these, used away from the home network.
  unjudged_bundles: integer - Contract handsets whose sale names no handset.
  unpacked_share: decimal(7,6) - Unpacked by judged ones; null without any. Few bundles make no share worth reading.
  subsidy_amt: decimal(18,2) - Subsidy of the judged ones.
  unpacked_subsidy_amt: decimal(18,2) - Subsidy of the unpacked ones.
checks:
  - unpacked_bundles <= bundles
  - unpacked_bundles = never_seen_bundles + other_line_bundles + out_of_province_bundles
*/
with

outlet as (
    select
        month_start,
        outlet_id,
        count(unpacked_type) as bundles,
        count(*) filter (where unpacked_type <> 'none') as unpacked_bundles,
        count(*) filter (where unpacked_type = 'never_seen') as never_seen_bundles,
        count(*) filter (where unpacked_type = 'other_line') as other_line_bundles,
        count(*) filter (where unpacked_type = 'out_of_province') as out_of_province_bundles,
        count(*) filter (where unpacked_type is null) as unjudged_bundles,
        coalesce(sum(subsidy_amt) filter (where unpacked_type is not null), 0) as subsidy_amt,
        coalesce(sum(subsidy_amt) filter (where unpacked_type <> 'none'), 0) as unpacked_subsidy_amt
    from mart_device.bundle_month
    group by month_start, outlet_id
)

select
    month_start,
    outlet_id,
    bundles,
    unpacked_bundles,
    never_seen_bundles,
    other_line_bundles,
    out_of_province_bundles,
    unjudged_bundles,
    cast(round(pf_div(unpacked_bundles, bundles), 6) as decimal(7, 6)) as unpacked_share,
    subsidy_amt,
    unpacked_subsidy_amt
from outlet
