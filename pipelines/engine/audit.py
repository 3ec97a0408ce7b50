"""What a night examines once its tables are built: has everything arrived, do the systems agree with each other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pipelines.engine.contract import System
from pipelines.engine.home import PROJECT, operator
from pipelines.engine.ledger import Ledger
from pipelines.engine.ops import insert
from pipelines.engine.warehouse import Connection, quoted, transaction
from quality.movement import load_rules, movements
from quality.reconciliation import load_checks, reconcile

Sql = Callable[..., list[tuple[Any, ...]]]
SAMPLE = 5


@dataclass(frozen=True)
class Failure:
    """A promise that does not hold: where, which rule, and in plain words what to do."""

    where: str
    rule: str
    message: str
    blocking: bool


COMPLETENESS = """
with

first_day as (
    select min(data_date) as day from ops.delivery
),

expected as (
    select contract.system, contract.table_name, contract.deadline, contract.is_fetched, days.day::date as data_date
    from contract
    cross join first_day
    cross join generate_series(first_day.day, date '{to_day}', interval 1 day) as days(day)
    where contract.cadence = 'daily' or (contract.cadence = 'monthly' and day(days.day) = 1)
),

filled as (
    select system, table_name, data_date, status, received_at, known_on
    from ops.delivery
    union all
    -- What is fetched from a database holds all rows since the delivery before, so those of the days between too.
    select later.system, later.table_name, expected.data_date, later.status, later.received_at, later.known_on
    from ops.delivery as later
    inner join expected on later.system = expected.system and later.table_name = expected.table_name
        and later.data_date > expected.data_date
    where expected.is_fetched and later.status = 'loaded'
),

newest as (
    select
        system, table_name, data_date, bool_or(status = 'loaded') as is_loaded,
        min(received_at) filter (where status = 'loaded') as received_at,
        min(known_on) filter (where status = 'loaded') as known_on
    from filled
    group by system, table_name, data_date
)

select
    expected.system, expected.table_name, expected.data_date,
    case
        when newest.is_loaded and newest.known_on > expected.data_date then 'late'
        when newest.is_loaded then 'loaded'
        when newest.is_loaded is not null then 'refused'
        else 'missing'
    end as state,
    timezone('UTC', timezone('{zone}', (expected.data_date + 1) + expected.deadline::time)) as deadline_at,
    newest.received_at
from expected
left join newest on expected.system = newest.system and expected.table_name = newest.table_name
    and expected.data_date = newest.data_date
"""


def fill_completeness(
    connection: Connection, systems: dict[str, System], from_day: date, to_day: date
) -> list[Failure]:
    """Rewrite ops.completeness; report what is missing or refused for the run's days."""
    rows = [
        (system.name, name, table.cadence, table.deadline, table.blocking, table.is_fetched)
        for system in systems.values() for name, table in system.tables.items()
    ]  # fmt: skip
    connection.execute(
        """create or replace temp table contract
        (system varchar, table_name varchar, cadence varchar, deadline varchar, blocking boolean, is_fetched boolean)"""
    )
    insert(connection, "contract", rows)
    with transaction(connection):
        connection.execute("delete from ops.completeness")
        query = COMPLETENESS.format(to_day=to_day, zone=operator().time_zone)
        connection.execute(f"insert into ops.completeness {query}")
    found = connection.execute(
        f"""select system, table_name, data_date, state, blocking from ops.completeness
        inner join contract using (system, table_name)
        where data_date between date '{max(from_day, to_day - timedelta(days=7))}' and date '{to_day}'
            and state in ('missing', 'refused') order by all"""
    ).fetchall()
    connection.execute("drop table contract")
    return [
        Failure(
            f"{system}.{table}", "completeness",
            f"the delivery of {system}.{table} for {day} is {state}; "
            f"`bassline status` says since when, the owner named in sources/{system}/defs.yaml can send it again",
            blocking,
        )
        for system, table, day, state, blocking in found
    ]  # fmt: skip


def check_rules(sql: Sql, folder: Path = PROJECT / "quality" / "rules") -> list[Failure]:
    """Run the cross-table rules: each file is a query of offenders, named as the sentence that should be true."""
    failures = []
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text()
        comment = " ".join(line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--"))
        offenders = sql(f"select count(*) from ({text}\n)")[0][0]
        if offenders:
            rows = "; ".join(map(str, sql(f"select * from ({text}\n) limit {SAMPLE}")))
            sentence = path.stem.replace("_", " ")
            message = f"not true that {sentence}: {offenders} offenders, such as {rows}. {comment}"
            failures.append(Failure(f"quality/rules/{path.name}", sentence, message, "severity: watch" not in comment))
    return failures


def check_movements(connection: Connection, run_id: str, from_day: date, to_day: date) -> list[Failure]:
    """KPIs that moved further than quality/movement.yaml allows, kept in ops.rule_check."""
    found = movements(connection, load_rules(), from_day=from_day, to_day=to_day)
    insert(
        connection, "ops.rule_check",
        [
            (run_id, m.rule, m.period_start, m.lhs, m.rhs, m.ratio, m.lo, m.hi, m.severity, "open", m.message)
            for m in found
        ],
    )  # fmt: skip
    return [Failure("quality/movement.yaml", m.rule, m.message, m.severity == "check") for m in found]


def check_reconciliation(connection: Connection, run_id: str, from_day: date, to_day: date) -> list[Failure]:
    """Amounts on which two systems disagree by more than quality/reconciliation.yaml allows, kept in ops.recon."""
    compared = reconcile(connection, load_checks(), from_day=from_day, to_day=to_day)
    insert(connection, "ops.recon", [one.row(run_id) for one in compared])
    return [
        Failure("quality/reconciliation.yaml", one.check_id, one.message, one.severity == "check")
        for one in compared
        if one.status == "differs"
    ]


def fill_quarantine(connection: Connection, lake: Path) -> None:
    """Bring ops.quarantine up to the segments of the lake whose deliveries are known."""
    known = connection.execute("select coalesce(max(delivery_id), 0) from ops.quarantine").fetchall()[0][0]
    segments = [str(path) for path in Ledger(lake).quarantined()]
    if segments:
        connection.execute(
            f"""insert into ops.quarantine
            select delivery_id, file_name, row_no, column_name, rule, excerpt
            from read_parquet([{", ".join(map(quoted, segments))}])
            where delivery_id > {known} and delivery_id in (select delivery_id from ops.delivery)"""
        )
