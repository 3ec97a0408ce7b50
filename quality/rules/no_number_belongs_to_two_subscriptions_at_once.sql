-- Two holders of one number at one moment would count its usage twice, or for the wrong customer.
-- Usual cause: provisioning delivered an activation without the termination before it. Ask for a redelivery.
select
    earlier.msisdn_key,
    earlier.subscription_key as earlier_subscription_key,
    later.subscription_key as later_subscription_key,
    later.valid_from
from (
    select
        msisdn_key,
        subscription_key,
        valid_to,
        lead(valid_from) over (partition by msisdn_key order by valid_from) as next_from
    from core.bridge_msisdn
) as earlier
inner join core.bridge_msisdn as later on earlier.msisdn_key = later.msisdn_key and earlier.next_from = later.valid_from
where earlier.valid_to > later.valid_from
