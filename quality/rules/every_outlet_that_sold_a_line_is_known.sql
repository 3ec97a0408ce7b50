-- A line sold by an outlet that the channel system does not list is missing from every figure by outlet.
-- Usual cause: provisioning writes 0 when it does not know the outlet. Ask it to deliver the line again. severity: watch
select
    line.outlet_id,
    count(distinct line.subscription_key) as lines
from stg_provisioning.subscription as line
left join core.dim_outlet as outlet on line.outlet_id = outlet.outlet_id
where line.superseded_on is null and line.outlet_id is not null and outlet.outlet_id is null
group by line.outlet_id
order by line.outlet_id
