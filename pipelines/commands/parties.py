"""Who would be one party under other rules or weights: worked out beside the warehouse, which stays as it is."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.engine.contract import sql_text
from pipelines.engine.home import Home
from pipelines.engine.lock import writer_lock
from pipelines.engine.sandbox import NothingPublished, Refused
from pipelines.engine.table import Table, load_tables, read_table
from pipelines.engine.vault import Vault
from pipelines.engine.warehouse import MACROS, Connection, settings
from pipelines.engine.workbench import workbench

GIVEN = ("core.dim_customer", "stg_desk.party_decision")
RESULT = "core.xref_party"
EXAMPLES = 10
# Parties as they are and as they would be, by record.
COMPARED = """
create temp table compared as
select now.customer_key, now.party_key as party_now, coming.party_key as party_then, coming.rule_type
from core.present as now
inner join core.xref_party as coming on now.customer_key = coming.customer_key
where now.valid_to = date '9999-12-31' and coming.valid_to = date '9999-12-31'
"""
CHANGES = """
with merged as (
    select party_then as party, true as is_merge, list(distinct customer_key order by customer_key) as records
    from compared group by party_then having count(distinct party_now) > 1
),
split as (
    select party_now as party, false as is_merge, list(distinct customer_key order by customer_key) as records
    from compared group by party_now having count(distinct party_then) > 1
)
select is_merge, party, records from (from merged union all from split) order by is_merge desc, party
"""


@dataclass(frozen=True)
class Change:
    """Records that come together in one party, or part; names masked; the reasons that hold afterwards, or held."""

    is_merge: bool
    records: list[int]
    names: list[str]
    reasons: list[str]


@dataclass(frozen=True)
class Preview:
    """What would change against the present."""

    records: int
    parties_now: int
    parties_then: int
    merges: int
    splits: int
    examples: list[Change]


@contextmanager
def beside(home: Home) -> Generator[Connection]:
    """A database in memory that reads the warehouse as `warehouse`. Raises WriterBusy while a night runs."""
    if not home.warehouse.exists():
        raise NothingPublished(f"{home.warehouse}: there is no warehouse yet; `bassline night` makes it")
    with (
        writer_lock(home.root / "night.lock", "a look at parties"),
        duckdb.connect(config=settings(home.spill / "parties")) as connection,
    ):
        for macro in MACROS:
            connection.execute(macro)
        connection.execute(f"attach {sql_text(str(home.warehouse))} as warehouse (read_only)")
        connection.execute("create schema core; create schema stg_desk")
        yield connection


def as_of(connection: Connection) -> date:
    """The last business day that the warehouse knows deliveries of."""
    return connection.execute("select max(known_on) from warehouse.ops.delivery").fetchall()[0][0]


def preview(home: Home, instead: Mapping[str, Path]) -> Preview:
    """Parties by the tables' files as they are now, some of them replaced, against those that the last night left.

    Every record is compared anew, as `bassline backfill core.party_pair` would. Raises Refused for a file that is no
    part of identity resolution.
    """
    tables = chain(instead)
    with beside(home) as connection:
        for name in GIVEN:
            connection.execute(f"create view {name} as from warehouse.{name}")
        connection.execute(f"create view core.present as from warehouse.{RESULT}")
        for table in tables:
            kind = "view" if table.header.refresh == "view" else "table"
            casts = ", ".join(f"cast({name} as {type}) as {name}" for name, type in table.header.types().items())
            connection.execute(f"create {kind} {table.name} as select {casts} from ({table.sql}) as query")
        connection.execute(COMPARED)
        found = connection.execute(CHANGES).fetchall()
        counts = connection.execute(
            "select count(*), count(distinct party_now), count(distinct party_then) from compared"
        ).fetchall()[0]
        shown = [row for row in found if row[0]][:EXAMPLES] + [row for row in found if not row[0]][:EXAMPLES]
        names = masked(home, {key for row in shown for key in row[2]}, connection)
        examples = [
            Change(is_merge, records, [names.get(key, "?") for key in records], reasons(connection, is_merge, records))
            for is_merge, _, records in shown
        ]
    merges = sum(row[0] for row in found)
    return Preview(*counts, merges, len(found) - merges, examples)


def chain(instead: Mapping[str, Path]) -> list[Table]:
    """The tables between what CRM told and the parties, in building order."""
    tables = load_tables()
    wanted: set[str] = set()
    open_names = [RESULT]
    while open_names:
        name = open_names.pop()
        if name not in wanted and name not in GIVEN:
            wanted.add(name)
            open_names += tables[name].sources
    if strange := instead.keys() - wanted:
        raise Refused(
            f"{', '.join(sorted(strange))}: no part of identity resolution, which is {', '.join(sorted(wanted))}"
        )
    return [
        read_table(instead[name], name) if name in instead else table
        for name, table in tables.items()
        if name in wanted
    ]


def reasons(connection: Connection, is_merge: bool, records: list[int]) -> list[str]:
    """The links that hold among the records once merged, or held before they part."""
    source = "core.party_merge" if is_merge else "warehouse.core.party_merge"
    listed = ", ".join(map(str, records))
    found = connection.execute(
        f"""select distinct rule_type || ' (' || evidence || ') ' || score from {source}
        where reversed_on = date '9999-12-31' and customer_key in ({listed}) and other_customer_key in ({listed})
        order by 1"""
    ).fetchall()
    return [row[0] for row in found]


def masked(home: Home, customers: set[int], connection: Connection) -> dict[int, str]:
    """The names of customer records, of each the first character only."""
    listed = ", ".join(map(str, customers)) or "null"
    found = connection.execute(
        f"select customer_key, name_key from core.dim_customer where is_current and customer_key in ({listed})"
    ).fetchall()
    with workbench(home) as bench:
        vault = Vault(bench, home)
        names = vault.reveal("name", {name for _, name in found if name is not None})
        vault.close()
    return {key: names[name][:1] + "*" * (len(names[name]) - 1) for key, name in found if name in names}
