-- A delivery's rows are either in the lake or in quarantine with a reason; nothing is dropped in silence.
-- Usual cause: the quarantine segment of the lake was removed by hand. Restore it from the backup.
with

quarantined as (
    select
        delivery_id,
        count(*) as quarantined
    from ops.quarantine
    group by delivery_id
)

select
    delivery.system,
    delivery.table_name,
    delivery.data_date,
    delivery.rejected,
    quarantined.quarantined
from ops.delivery as delivery
left join quarantined on delivery.delivery_id = quarantined.delivery_id
where
    delivery.status = 'loaded'
    and delivery.rejected > 0
    and delivery.rejected is distinct from quarantined.quarantined
