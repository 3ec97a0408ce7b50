/*
description: Requests to carry a number between operators, each decision once, with the line that came, went or stayed.
grain: [ported_on, port_no, status_type]
refresh: day
partition: ported_on
scope: msisdn_key
public: true
reads:
  core.bridge_msisdn: changes
columns:
  port_no: bigint - Port as numbered by the clearing house.
  status_type: varchar - done, reversed (a done one is taken back) or rejected.
  msisdn_key: bigint - Number carried.
  subscription_key: bigint - Line that held the number until then (out) or from then on (in); -1 when none is known.
  direction_type: varchar - in or out; other when neither operator is this one.
  other_operator: varchar - Operator that the number came from or went to; null for other.
  donor_name: varchar - Operator left.
  recipient_name: varchar - Operator joined.
  requested_at: timestamp - When it was asked for, UTC; null when not told.
  ported_at: timestamp - When it was decided, UTC.
  ported_on: date - Business day on which it was decided.
checks:
  - direction_type <> 'other' or other_operator is null
watch:
  - direction_type <> 'other'
  - subscription_key <> -1 or direction_type = 'other' or (direction_type = 'in' and status_type <> 'done')
  - requested_at <= ported_at
*/
with

-- The clearing house sends a decision again until it is confirmed: the same decision of a day is one.
listed as (
    select
        *,
        case
            when donor_name = 'own' and recipient_name <> 'own' then 'out'
            when recipient_name = 'own' and donor_name <> 'own' then 'in'
            else 'other'
        end as direction_type,
        row_number() over (
            partition by ported_on, port_no, status_type order by known_on, delivery_id, row_no
        ) as place
    from stg_mnp.port_event
    where superseded_on is null
),

port as (
    select *
    from listed
    where place = 1
),

-- At the instant of a port one line may end and another begin; a number that goes belongs to the former.
holder as (
    select
        port.ported_on,
        port.port_no,
        port.status_type,
        bridge.subscription_key,
        row_number() over (
            partition by port.ported_on, port.port_no, port.status_type
            order by
                case when port.direction_type = 'in' then bridge.valid_to = port.ported_at end,
                bridge.valid_from = port.ported_at,
                bridge.valid_from desc
        ) as place
    from port
    inner join core.bridge_msisdn as bridge
        on
            port.msisdn_key = bridge.msisdn_key
            and port.ported_at >= bridge.valid_from
            and port.ported_at <= bridge.valid_to
)

select
    port.port_no,
    port.status_type,
    port.msisdn_key,
    coalesce(holder.subscription_key, -1) as subscription_key,
    port.direction_type,
    case port.direction_type when 'in' then port.donor_name when 'out' then port.recipient_name end as other_operator,
    port.donor_name,
    port.recipient_name,
    port.requested_at,
    port.ported_at,
    port.ported_on
from port
left join holder
    on
        port.ported_on = holder.ported_on
        and port.port_no = holder.port_no
        and port.status_type = holder.status_type
        and holder.place = 1
