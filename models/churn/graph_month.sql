/*
description: >-
  Where each line stands in the graph of who calls and writes to whom among the lines of this operator in a month - a weight of
  calls and messages from one to the other.
grain: [month_start, subscription_key]
refresh: month
partition: month_start
keep: 14 months
open_month: false
public: true
applies: models.churn.graph.apply
columns:
  month_start: date - First day of the month; T is its last.
  subscription_key: bigint - Subscription.
  own_degree_out: integer - Lines called or written to.
  own_degree_in: integer - Lines that called or wrote.
  page_rank: decimal(12,3) - PageRank with weights, relative to the mean of the month; 1 is average.
  clustering: decimal(9,6) - Share of the pairs among its mutual contacts that are mutual contacts of each other; null with fewer than two.
  community_key: bigint - Lowest line of its community, the lines that their strongest mutual contacts join; itself when alone.
  community_size: integer - Lines of the community, 1 for a line alone.
checks:
  - page_rank > 0
  - clustering is null or clustering between 0 and 1
  - community_size >= 1 and community_key <= subscription_key
*/
select
    line.month_start,
    line.subscription_key,
    other.subscription_key as other_subscription_key,
    contact.made
from churn.line_month as line
left join churn.contact_month as contact
    on
        line.month_start = contact.month_start
        and line.subscription_key = contact.subscription_key
        and contact.made > 0
left join churn.line_month as other
    on contact.month_start = other.month_start and contact.other_msisdn_key = other.msisdn_key
