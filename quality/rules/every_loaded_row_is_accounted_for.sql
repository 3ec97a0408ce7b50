-- A delivery's rows are either in the lake or in quarantine with a reason; nothing is dropped in silence.
-- Usual cause: the quarantine segment of the lake was removed by hand. Restore it from the backup.
select
    delivery.system,
    delivery.table_name,
    delivery.data_date,
    delivery.rejected,
    count(distinct (quarantine.file_name, quarantine.row_no)) as quarantined
from ops.delivery as delivery
left join ops.quarantine as quarantine on delivery.delivery_id = quarantine.delivery_id
where delivery.status = 'loaded' and delivery.rejected > 0
group by delivery.system, delivery.table_name, delivery.data_date, delivery.delivery_id, delivery.rejected
having count(distinct (quarantine.file_name, quarantine.row_no)) <> delivery.rejected
