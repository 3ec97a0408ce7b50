/*
description: How far each product has spread among the enterprises of a level, by month; test enterprises left out.
grain: [month_start, level_type, product_type]
refresh: month
partition: month_start
keep: 60 months
public: true
requires: [stg_enterprise.enterprise, stg_enterprise.contract]
columns:
  month_start: date - First day of the month.
  level_type: varchar - A, B or C; unknown when not told.
  product_type: varchar - leased_line, group_sms, m2m_platform or cloud_desktop; UNK for a product without a meaning.
  enterprises: integer - Enterprises of the level in service.
  ordering_enterprises: integer - Of these, those with a contract for the product in force.
  using_enterprises: integer - Of the ordering ones, those whose member lines used it; null where the network does not show use.
  members: integer - Members of the level's enterprises in service.
  ordering_members: integer - Of these, those of the ordering enterprises.
  contracts: integer - Contracts for the product in force.
  signed_contracts: integer - Of these, those signed in the month.
  ending_contracts: integer - Of these, those whose last day lies in the month.
  information_amt: decimal(18,2) - Monthly value of these contracts.
  is_closed: boolean - The month is over; false while it is kept month to date.
checks:
  - ordering_enterprises between 1 and enterprises
  - using_enterprises is null or using_enterprises <= ordering_enterprises
*/
with

enterprise as (
    select
        month_start,
        enterprise_id,
        coalesce(level_type, 'unknown') as level_type,
        members,
        products_used,
        is_closed
    from mart_enterprise.enterprise_month
    where is_commercial and is_in_service
),

base as (
    select
        month_start,
        level_type,
        count(*) as enterprises,
        sum(members) as members,
        bool_and(is_closed) as is_closed
    from enterprise
    group by month_start, level_type
),

ordered as (
    select
        month_start,
        enterprise_id,
        product_type,
        count(*) as contracts,
        count(*) filter (where is_signed) as signed_contracts,
        count(*) filter (where is_ending) as ending_contracts,
        sum(monthly_amt) as information_amt
    from mart_enterprise.contract_month
    group by month_start, enterprise_id, product_type
),

spread as (
    select
        enterprise.month_start,
        enterprise.level_type,
        ordered.product_type,
        count(*) as ordering_enterprises,
        count(*) filter (where enterprise.products_used > 0) as using_enterprises,
        sum(enterprise.members) as ordering_members,
        sum(ordered.contracts) as contracts,
        sum(ordered.signed_contracts) as signed_contracts,
        sum(ordered.ending_contracts) as ending_contracts,
        sum(ordered.information_amt) as information_amt
    from enterprise
    inner join ordered
        on enterprise.month_start = ordered.month_start and enterprise.enterprise_id = ordered.enterprise_id
    group by enterprise.month_start, enterprise.level_type, ordered.product_type
)

select
    spread.month_start,
    spread.level_type,
    spread.product_type,
    base.enterprises,
    spread.ordering_enterprises,
    case when spread.product_type = 'm2m_platform' then spread.using_enterprises end as using_enterprises,
    base.members,
    spread.ordering_members,
    spread.contracts,
    spread.signed_contracts,
    spread.ending_contracts,
    spread.information_amt,
    base.is_closed
from spread
inner join base on spread.month_start = base.month_start and spread.level_type = base.level_type
