"""Customers who come back under another number, against who really did; with all evidence, and with papers hidden.

Weights and limits in marts/device/threshold.yaml were chosen on operators of the seeds 1 and 7: measure others.
"""

from pathlib import Path

import duckdb

from benchmarks.detectors.score import Score, beside_truth, scored
from pipelines.engine.home import operator
from pipelines.engine.table import load_tables
from pipelines.engine.warehouse import MACROS

JUDGED = (
    "mart_device.mover_month", "mart_device.trace_month", "mart_device.re_entry_pair_month",
    "mart_device.re_entry_month", "mart_device.re_entry",
)  # fmt: skip
FOUND = "select new_subscription_key, old_subscription_key from {}mart_device.re_entry"
# Returns from a line that left in a month whose leavers the base can tell, into a month that has been judged.
TRUE = """
with judged as (
    select min(month_start) filter (where side_type = 'leaver') as first_month,
        max(movement_month_start) filter (where side_type = 'joiner') as last_month
    from warehouse.mart_device.mover_month
)
select new.key, old.key
from truth.re_entry as truth
inner join vault.subscription as new on truth.new_user_id = new.value
inner join vault.subscription as old on truth.old_user_id = old.value
inner join judged on truth.left_at >= judged.first_month
    and date_trunc('month', truth.returned_at) <= judged.last_month"""


def scores(home: Path) -> list[Score]:
    db = beside_truth(home, "subscription")
    with db:
        found = [scored(db, "re-entry", FOUND.format("warehouse."), TRUE)]
        hide_papers(db)
        found.append(scored(db, "re-entry, papers hidden", FOUND.format("hidden."), TRUE))
    return found


def hide_papers(db: duckdb.DuckDBPyConnection) -> None:
    """The catalogue `hidden`: the same queries over the same warehouse, in which no line has a party."""
    as_of = db.execute("select max(day) from warehouse.core.subscriber_day").fetchall()[0][0]
    db.execute(f"set variable as_of = date '{as_of}'")
    db.execute("set variable time_zone = ?", [operator().time_zone])
    db.execute("attach ':memory:' as hidden; use hidden")
    for macro in MACROS:
        db.execute(macro)
    tables = load_tables()
    for name in sorted({source for table in JUDGED for source in tables[table].sources} - set(JUDGED)):
        columns = "* replace (null::bigint as party_key)" if "party_key" in tables[name].header.columns else "*"
        db.execute(f"create schema if not exists {tables[name].schema}")
        db.execute(f"create view {name} as select {columns} from warehouse.{name}")
    for name in JUDGED:
        casts = ", ".join(
            f"cast({column} as {kind}) as {column}" for column, kind in tables[name].header.types().items()
        )
        db.execute(f"create schema if not exists {tables[name].schema}")
        db.execute(f"create table {name} as select {casts} from ({tables[name].sql})")
