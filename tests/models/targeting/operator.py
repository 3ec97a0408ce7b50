"""A handful of lines whose tables are made by hand, and audiences over them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import numpy as np

from models.targeting.audience import Audience, Plan, compiled
from models.targeting.choose import Chosen, choose, refuse_impossible
from models.targeting.column import Catalogue, Column, Relation
from models.targeting.evaluate import Outcome, Population, Rule, evaluate
from models.targeting.source import Published

AS_OF = date(2026, 1, 31)
LINE = {
    "day": "date", "subscription_key": "bigint", "party_key": "bigint", "is_in_network": "boolean",
    "is_test": "boolean", "msisdn_key": "bigint", "area_id": "varchar", "plan": "varchar", "tenure": "integer",
    "balance_amt": "decimal(18,2)", "rate": "double", "is_bound": "boolean", "ends_on": "date",
}  # fmt: skip
MONTH = {"month_start": "date", "subscription_key": "bigint", "gb": "decimal(18,6)", "calls": "integer"}
PARTY = {"month_start": "date", "party_key": "bigint", "paid_amt": "decimal(18,2)"}
TICKET = {"ticket_no": "varchar", "subscription_key": "bigint", "is_open": "boolean", "minutes": "integer"}
TABLES: dict[str, tuple[dict[str, str], str, str | None, Any, bool]] = {
    "core.subscriber_day": (LINE, "subscription_key", "day", "day", True),
    "mart_usage.line_month": (MONTH, "subscription_key", "month_start", "month", True),
    "mart_customer.party_month": (PARTY, "party_key", "month_start", "month", True),
    "mart_service.ticket": (TICKET, "subscription_key", None, None, False),
}
CATALOGUE = Catalogue(
    {
        name: Relation(name, {n: Column(n, kind) for n, kind in columns.items()}, key, partition, period, is_single)
        for name, (columns, key, partition, period, is_single) in TABLES.items()
    }
    | {
        "core.secret": Relation(
            "core.secret", {"x": Column("x", "integer")}, "subscription_key", hidden="is not public"
        )
    }
)


def operator(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> duckdb.DuckDBPyConnection:
    """The tables with some rows; a line is in network and no test line unless it says otherwise."""
    connection = duckdb.connect(config={"threads": 1})
    for name, (columns, *_) in TABLES.items():
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
        connection.execute(f"create table {name} ({', '.join(f'{n} {kind}' for n, kind in columns.items())})")
        usual = {"day": AS_OF, "is_in_network": True, "is_test": False} if name == "core.subscriber_day" else {}
        if given := rows.get(name):
            full = [[(usual | dict(row)).get(column) for column in columns] for row in given]
            marks = ", ".join(f"({', '.join('?' * len(columns))})" for _ in full)
            connection.execute(f"insert into {name} values {marks}", [value for row in full for value in row])
    connection.execute(
        f"""create schema targeting;
        create table targeting.contact_fact as select subscription_key, party_key from core.subscriber_day
        where day = date '{AS_OF}' and is_in_network and not is_test"""
    )
    return connection


def lines(number: int, **more: Any) -> list[dict[str, Any]]:
    return [{"subscription_key": key, "party_key": key, **more} for key in range(1, number + 1)]


def plan(where: Any, *, name: str = "some", control: Mapping[str, Any] | None = None, **more: Any) -> Plan:
    declared = {"title": "Some", "owner": "me", "where": where, "control": control or {"share": 0.0, "seed": 1}, **more}
    return compiled(name, Audience.model_validate(declared), CATALOGUE, f"{name}.yaml")


def counted(
    db: duckdb.DuckDBPyConnection, one: Plan, rules: Sequence[Rule] = (),
    members: Mapping[str, np.ndarray] | None = None,
) -> tuple[Outcome, Population]:  # fmt: skip
    outcomes, population = evaluate([one], [rules], Published(db, CATALOGUE, AS_OF, members or {}))
    return outcomes[0], population


def chosen(db: duckdb.DuckDBPyConnection, one: Plan) -> Chosen:
    outcome, population = counted(db, one)
    refuse_impossible(one, population, f"{one.name}.yaml", {})
    return choose(outcome)
