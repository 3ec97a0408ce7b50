/*
description: Stages through which tickets went, one row per ticket, stage and change of the ticket.
grain: [delivery_id, row_no, stage_no]
refresh: delivery
portable: "no - `with ordinality` counts from 1, Spark's posexplode from 0"
partition: updated_on
columns:
  ticket_no: varchar - Ticket.
  stage_no: integer - Place in the ticket's history, from 1.
  stage_type: varchar - Stage reached.
  reached_at: timestamp - When it was reached, UTC.
  agent_name: varchar - Who took it there.
  updated_on: date - Business day on which the ticket was last touched.
  delivery_id: integer - Delivery that brought the row.
  row_no: integer - Row in its file, from 1.
  known_on: date - Business day whose night first knew the row.
  superseded_on: date - Business day whose night first knew a newer delivery in its place; null while it counts.
*/
select
    ticket.ticket_no,
    listed.stage_no,
    listed.stage.stage as stage_type,
    listed.stage.at as reached_at,
    listed.stage.agent as agent_name,
    ticket.event_day as updated_on,
    ticket.delivery_id,
    ticket.row_no,
    ticket.known_on,
    ticket.superseded_on
from raw_care.ticket as ticket
cross join unnest(ticket.stages) with ordinality as listed (stage, stage_no)
