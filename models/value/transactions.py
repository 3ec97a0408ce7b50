"""Any table of transactions as the histories that purchase models take: one row per customer.

The conventions are those of the published estimates: transactions of a customer on one day are one purchase; the first
purchase starts the history and is counted neither in the frequency nor in the mean amount; recency and age are days
from it, divided by the days of the unit. Refunds (amounts below zero) are no purchases; purchases of amount zero are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from models.sql import quoted
from models.value.likelihood import FitError

if TYPE_CHECKING:
    import duckdb
    import numpy as np

DAYS = {"day": 1, "week": 7}
UNREADABLE = 0.5  # share of rows beyond which a column is taken for the wrong one


@dataclass(frozen=True)
class Columns:
    """The columns of a table of transactions."""

    customer: str
    date: str
    amount: str | None = None


@dataclass(frozen=True)
class Histories:
    """One entry per customer, ordered by customer. Times in the unit; amounts as in the table; what was left out, told.

    `mean` is of the repeat purchases, NaN without any; with a holdout, `later` and `later_spent` are what followed.
    """

    customer: list[str]
    frequency: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    mean: np.ndarray
    later: np.ndarray
    later_spent: np.ndarray
    unit: str
    first_day: date
    until: date
    holdout_days: int
    transactions: int
    told: list[str]


def histories(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Columns,
    *,
    unit: str = "day",
    holdout_days: int = 0,
    until: date | None = None,
    time_zone: str = "UTC",
) -> Histories:
    """The histories in a relation (a name or a query in brackets).

    The observation ends with `until`, else with the last day in the table; the `holdout_days` before that are kept
    apart for comparison. A time with a zone falls on the day that it has in `time_zone`, one without on its own.

    Raises:
        FitError: a column is missing or is not what it is said to be, or nothing is left.
    """
    connection.execute("set TimeZone = ?", [time_zone])
    _prepare(connection, relation, columns)
    told = _count(connection, columns)
    first, last = connection.execute("select min(day), max(day) from purchase").fetchall()[0]
    if first is None:
        raise FitError(f"no row has a customer and a day in {columns.date}" + "".join(f"; {line}" for line in told))
    end = until or last
    if until is None and _is_far(connection, last):
        told.append(f"the last day, {last}, lies far after all others; an --until would leave it out")
    split = end - timedelta(days=holdout_days)
    if split <= first:
        raise FitError(
            f"the table begins on {first}, and what is to be fitted would end on {split}; take a shorter holdout"
        )
    after = connection.execute("select count(*) from purchase where day > ?", [end]).fetchall()[0][0]
    if after:
        told.append(f"{after:,} days of purchase after {end} left out")
    rows = connection.execute(
        """
        with first_purchase as (select customer, min(day) as first_day from purchase where day <= $split group by 1)
        select
            customer,
            count(*) filter (where day <= $split) - 1 as frequency,
            date_diff('day', min(day), max(day) filter (where day <= $split)) as recency,
            date_diff('day', min(day), $split) as age,
            cast(sum(amount) filter (where day > first_day and day <= $split) as double) as spent,
            count(*) filter (where day > $split) as later,
            cast(sum(amount) filter (where day > $split) as double) as later_spent
        from purchase inner join first_purchase using (customer)
        where day <= $end
        group by customer order by customer
        """,
        {"split": split, "end": end},
    ).to_arrow_table()
    return _made(rows, unit, first, split, holdout_days, told)


def _made(rows, unit: str, first: date, split: date, holdout_days: int, told: list[str]) -> Histories:  # noqa: ANN001
    import numpy as np

    column = {name: rows[name].to_numpy() for name in rows.column_names if name != "customer"}
    frequency = column["frequency"].astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(frequency > 0, np.nan_to_num(column["spent"].astype(float)) / frequency, np.nan)
    return Histories(
        rows["customer"].to_pylist(), frequency, column["recency"] / DAYS[unit], column["age"] / DAYS[unit], mean,
        column["later"].astype(float), np.nan_to_num(column["later_spent"].astype(float)), unit, first, split,
        holdout_days, int(frequency.sum()) + len(frequency), told,
    )  # fmt: skip


def _prepare(connection: duckdb.DuckDBPyConnection, relation: str, columns: Columns) -> None:
    """Temporary tables: `entry`, every row as customer, day, amount; `purchase`, one row per customer and day."""
    kinds = {name: kind for name, kind, *_ in connection.execute(f"describe from {relation}").fetchall()}
    for role, name in vars(columns).items():
        if name is not None and name not in kinds:
            raise FitError(f"the table has no column '{name}' for the {role}; it has {', '.join(kinds)}")
    amount = f"try_cast({quoted(columns.amount)} as decimal(38, 6))" if columns.amount else "cast(1 as decimal(38, 6))"
    connection.execute(
        f"""
        create or replace temp table entry as
        select
            nullif(trim(cast({quoted(columns.customer)} as varchar)), '') as customer,
            {_day(columns.date, kinds[columns.date])} as day,
            {amount} as amount
        from {relation}
        """
    )
    connection.execute(
        """
        create or replace temp table purchase as
        select customer, day, sum(amount) as amount from entry
        where customer is not null and day is not null and amount >= 0
        group by customer, day
        """
    )


def _day(name: str, kind: str) -> str:
    """SQL of the day in a column: a date, a time with or without zone, text or digits such as 20260131."""
    column = quoted(name)
    if kind in ("DATE", "TIMESTAMP WITH TIME ZONE") or kind.startswith("TIMESTAMP"):
        return f"cast({column} as date)"
    text = f"trim(cast({column} as varchar))"
    if kind == "VARCHAR":
        zoned = rf"regexp_matches({text}, '\d\d(Z|[+-]\d\d:?(\d\d)?)$') and {text} like '%:%'"
        return f"""coalesce(
            case when {zoned} then cast(try_cast({text} as timestamptz) as date) end,
            cast(try_cast({text} as timestamp) as date), cast(try_strptime({text}, '%Y%m%d') as date)
        )"""
    return f"cast(try_strptime({text}, '%Y%m%d') as date)"


def _count(connection: duckdb.DuckDBPyConnection, columns: Columns) -> list[str]:
    """What of the rows cannot be used, in words. Raises FitError when a column is hardly ever what it should be."""
    rows, no_customer, no_day, no_amount, negative, refunded, zero, distinct = connection.execute(
        """
        select
            count(*), count(*) filter (where customer is null), count(*) filter (where day is null),
            count(*) filter (where amount is null), count(*) filter (where amount < 0),
            sum(amount) filter (where amount < 0), count(*) filter (where amount = 0),
            (select count(*) from (select distinct customer, day, amount from entry))
        from entry
        """
    ).fetchall()[0]
    if not rows:
        raise FitError("the table has no rows")
    for share, name, what in ((no_day, columns.date, "a day"), (no_amount, columns.amount, "an amount")):
        if share > rows * UNREADABLE:
            raise FitError(f"{share:,} of {rows:,} rows have no {what[2:].strip()} in '{name}' that can be read")
    told = []
    for count, words in (
        (no_customer, "rows without customer left out"),
        (no_day, "rows without a readable day left out"),
        (no_amount, "rows without a readable amount left out"),
        (negative, f"rows with an amount below zero left out as refunds, {refunded or 0:,.2f} in all"),
        (zero, "rows with amount zero counted as purchases"),
        (rows - distinct, "rows repeat another one of the same customer, day and amount; they are taken for real"),
    ):
        if count:
            told.append(f"{count:,} {words}")
    return told


def _is_far(connection: duckdb.DuckDBPyConnection, last: date) -> bool:
    """Whether the last day stands alone, a year or more after the last but one: most likely a mistyped date."""
    before = connection.execute("select max(day) from purchase where day < ?", [last]).fetchall()[0][0]
    return before is not None and (last - before).days >= 365
