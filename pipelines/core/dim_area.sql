/*
description: Areas of the sales territory from province to grid, each with the areas it lies in.
grain: [area_id]
columns:
  area_id: varchar - Area.
  area_name: varchar - Name.
  level_type: varchar - province, city, county or grid.
  parent_area_id: varchar - Area one level up; null for a province.
  county_area_id: varchar - County it lies in or is; null above.
  city_area_id: varchar - City it lies in or is; null above.
  province_area_id: varchar - Province it lies in or is; null when the way up is broken.
  population: integer - Inhabitants.
checks:
  - area_id is distinct from parent_area_id
watch:
  - province_area_id is not null
*/
with

listed as (
    select
        area_id,
        area_name,
        level_type,
        parent_area_id,
        population,
        row_number() over (partition by area_id order by known_on desc, delivery_id desc, row_no desc) as place
    from stg_reference.geography
    where superseded_on is null
),

area as (
    select *
    from listed
    where place = 1
),

way_up as (
    select
        area.area_id,
        area.level_type as level_1,
        parent.area_id as area_2,
        parent.level_type as level_2,
        grandparent.area_id as area_3,
        grandparent.level_type as level_3,
        top.area_id as area_4,
        top.level_type as level_4
    from area
    left join area as parent on area.parent_area_id = parent.area_id
    left join area as grandparent on parent.parent_area_id = grandparent.area_id
    left join area as top on grandparent.parent_area_id = top.area_id
),

step as (
    select area_id, level_1 as level_type, area_id as above_id from way_up
    union all
    select area_id, level_2, area_2 from way_up
    union all
    select area_id, level_3, area_3 from way_up
    union all
    select area_id, level_4, area_4 from way_up
),

above as (
    select
        area_id,
        max(case when level_type = 'county' then above_id end) as county_area_id,
        max(case when level_type = 'city' then above_id end) as city_area_id,
        max(case when level_type = 'province' then above_id end) as province_area_id
    from step
    group by area_id
)

select
    area.area_id,
    area.area_name,
    area.level_type,
    area.parent_area_id,
    above.county_area_id,
    above.city_area_id,
    above.province_area_id,
    area.population
from area
inner join above on area.area_id = above.area_id
