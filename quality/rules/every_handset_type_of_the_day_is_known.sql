-- Handsets of an unknown type are missing from every figure by device; judged for the days that the night closes.
-- Usual cause: garbage device numbers, fifteen ones for one, or a type reference that is out of date. severity: watch
select
    record.tac,
    sum(record.records) as records
from (
    select
        tac,
        count(*) as records
    from stg_mediation.cdr
    where superseded_on is null and event_day between getvariable('from_day') and getvariable('to_day')
    group by tac
    union all
    select
        tac,
        count(*) as records
    from stg_charging.data_record
    where superseded_on is null and event_day between getvariable('from_day') and getvariable('to_day')
    group by tac
) as record
left join stg_device.tac as known on record.tac = known.tac
where record.tac is not null and known.tac is null
group by record.tac
order by record.tac
