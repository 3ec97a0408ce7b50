"""How fast a month of calls and messages becomes indicators of behaviour, table by table, on a made-up log.

A line has a hundred events a month, with some twenty contacts and in a handful of cells, most of them in few.
"""

import time
from pathlib import Path

import duckdb

from benchmarks.line import Line, peak_gb
from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS

EVENTS = 10_000_000
EVENTS_PER_LINE = 100
BUILT = (
    "place_day",
    "active_month",
    "interaction_month",
    "call_month",
    "text_month",
    "contact_month",
    "mobility_month",
)
LOG = """
create table mart_behaviour.interaction as
select
    day, line as msisdn_key, line as subscription_key,
    line + 1 + floor(25 * pow(draw_1, 2.5))::bigint as other_msisdn_key,
    draw_2 < 0.6 as is_call, draw_3 < 0.5 as is_made, second + epoch(day)::bigint as begun_s, i as event_id,
    case when draw_2 < 0.6 then 1 + (-60 * ln(1e-6 + draw_4))::integer else 0 end as duration_s,
    (line % 3000 + floor(6 * pow(draw_5, 3)))::integer as cell_id, isodow(day) >= 6 as is_weekend,
    second <= 7 * 3600 or second >= 19 * 3600 as is_night
from (
    select
        i, (hash(i, 0) % {lines})::bigint as line, date '2026-03-01' + (hash(i, 6) % 31)::integer as day,
        (hash(i, 7) % 86400)::bigint as second, hash(i, 1) % 1000000 / 1e6 as draw_1,
        hash(i, 2) % 1000000 / 1e6 as draw_2, hash(i, 3) % 1000000 / 1e6 as draw_3,
        hash(i, 4) % 1000000 / 1e6 as draw_4, hash(i, 5) % 1000000 / 1e6 as draw_5
    from range({events}) as events(i)
)
order by day, line
"""


def lines(folder: Path, events: int = EVENTS) -> list[Line]:
    """One line of the table for each of the module's, and one for all of them."""
    tables = load_tables()
    with duckdb.connect(folder / "behaviour.duckdb") as db:
        db.execute(f"set temp_directory = '{folder}/spill'")
        db.execute("set memory_limit = '4GB'; set preserve_insertion_order = false")
        for macro in MACROS:
            db.execute(macro)
        db.execute("create schema mart_behaviour; create schema core")
        db.execute(LOG.format(events=events, lines=max(events // EVENTS_PER_LINE, 1)))
        db.execute(f"create table mart_behaviour.threshold as {tables['mart_behaviour.threshold'].sql}")
        db.execute(f"create view mart_behaviour.part as {tables['mart_behaviour.part'].sql}")
        columns = ", ".join(f"{name} {kind}" for name, kind in tables["core.dim_cell"].header.types().items())
        db.execute(f"create table core.dim_cell ({columns})")
        db.execute(
            """insert into core.dim_cell (cell_id, latitude, longitude, valid_from)
            select i, 30 + hash(i) % 1000 / 1000, 120 + hash(i, 1) % 1000 / 1000, date '2020-01-01'
            from range(3006) as cells(i)"""
        )
        found, whole = [], 0.0
        for short in BUILT:
            began = time.perf_counter()
            db.execute(f"create table mart_behaviour.{short} as {tables[f'mart_behaviour.{short}'].sql}")
            seconds = time.perf_counter() - began
            whole += seconds
            found.append(Line(f"behaviour: {short}", events, "events", seconds, peak_gb=peak_gb()))
    return [*found, Line("behaviour: all of a month", events, "events", whole, peak_gb=peak_gb())]
