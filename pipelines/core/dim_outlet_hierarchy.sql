/*
description: The way from each outlet up to its dealer and how it changed, one row per outlet and state of the way.
grain: [outlet_id, valid_from]
columns:
  outlet_id: varchar - Outlet.
  parent_outlet_id: varchar - Outlet one level up; null at the top.
  grandparent_outlet_id: varchar - Outlet two levels up; null where the way ends before.
  dealer_outlet_id: varchar - Top of the way, at most three levels up; the outlet itself when it reports to nobody.
  levels_up: integer - Levels between outlet and dealer, 0 to 3.
  is_broken: boolean - The way names an outlet that the list did not have at the time, or leads back to the outlet.
  valid_from: date - First day of this way; the first counts from the beginning of time.
  valid_to: date - First day of the next one; null for the current one.
  is_current: boolean - Whether this is the current way.
checks:
  - valid_to is null or valid_to > valid_from
  - levels_up between 0 and 3
*/
with

state as (
    select
        outlet_id,
        parent_outlet_id,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.dim_outlet
),

-- Each step up cuts a stretch of time where the outlet above changes.
one_up as (
    select
        state.outlet_id,
        state.parent_outlet_id,
        above.parent_outlet_id as grandparent_outlet_id,
        state.parent_outlet_id is not null and above.outlet_id is null as is_broken,
        greatest(state.valid_from, coalesce(above.valid_from, state.valid_from)) as valid_from,
        least(state.valid_to, coalesce(above.valid_to, state.valid_to)) as valid_to
    from state
    left join state as above
        on
            state.parent_outlet_id = above.outlet_id
            and state.valid_from < above.valid_to
            and state.valid_to > above.valid_from
),

two_up as (
    select
        one_up.outlet_id,
        one_up.parent_outlet_id,
        one_up.grandparent_outlet_id,
        above.parent_outlet_id as top_outlet_id,
        one_up.is_broken or (one_up.grandparent_outlet_id is not null and above.outlet_id is null) as is_broken,
        greatest(one_up.valid_from, coalesce(above.valid_from, one_up.valid_from)) as valid_from,
        least(one_up.valid_to, coalesce(above.valid_to, one_up.valid_to)) as valid_to
    from one_up
    left join state as above
        on
            one_up.grandparent_outlet_id = above.outlet_id
            and one_up.valid_from < above.valid_to
            and one_up.valid_to > above.valid_from
),

way as (
    select
        *,
        is_broken or coalesce(outlet_id in (parent_outlet_id, grandparent_outlet_id, top_outlet_id), false) as is_bad,
        concat_ws(
            '|', coalesce(parent_outlet_id, ''), coalesce(grandparent_outlet_id, ''), coalesce(top_outlet_id, '')
        ) as way
    from two_up
),

-- Other attributes of an outlet change too: only what changes the way begins a new state.
compared as (
    select
        *,
        lag(way) over (partition by outlet_id order by valid_from) as way_before,
        lag(is_bad) over (partition by outlet_id order by valid_from) as bad_before
    from way
),

turn as (
    select
        *,
        lead(valid_from) over (partition by outlet_id order by valid_from) as next_from
    from compared
    where way_before is null or way_before <> way or bad_before <> is_bad
)

select
    outlet_id,
    parent_outlet_id,
    grandparent_outlet_id,
    coalesce(top_outlet_id, grandparent_outlet_id, parent_outlet_id, outlet_id) as dealer_outlet_id,
    case
        when top_outlet_id is not null then 3
        when grandparent_outlet_id is not null then 2
        when parent_outlet_id is not null then 1
        else 0
    end as levels_up,
    is_bad as is_broken,
    valid_from,
    next_from as valid_to,
    next_from is null as is_current
from turn
