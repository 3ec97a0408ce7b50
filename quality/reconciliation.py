"""Reconciliation: amounts that two systems must agree on, as declared in `reconciliation.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from quality.checks import literal

CHECKS = Path(__file__).with_name("reconciliation.yaml")

QUERY = """
with

left_side as (
    select period_start, dimension, sum(value)::decimal(38, 6) as value
    from ({left})
    where period_start between {first} and {last}
    group by period_start, dimension
),

right_side as (
    select period_start, dimension, sum(value)::decimal(38, 6) as value
    from ({right})
    where period_start between {first} and {last}
    group by period_start, dimension
)

select
    coalesce(left_side.period_start, right_side.period_start) as period_start,
    coalesce(left_side.dimension, right_side.dimension) as dimension,
    left_side.value as left_value,
    right_side.value as right_value
from left_side
full join right_side on left_side.period_start = right_side.period_start and left_side.dimension = right_side.dimension
order by period_start, dimension
"""


class ReconciliationError(Exception):
    """The declarations break their own rules; the message names file, check and field."""


class Reconciliation(BaseModel):
    """One entry of `reconciliation.yaml`, where the fields are explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check_id: str
    period: Literal["day", "month"]
    left: str
    right: str
    tolerance: Decimal
    what_to_do: str
    target: Decimal | None = None
    severity: Literal["watch", "check"] = "watch"


@dataclass(frozen=True)
class Compared:
    """Both sides of one period and dimension; a side without rows is zero. `status`: agrees, tolerated or differs."""

    check_id: str
    period_start: date
    dimension: str
    left_value: Decimal
    right_value: Decimal
    tolerance: Decimal
    status: str
    severity: str
    message: str

    @property
    def difference(self) -> Decimal:
        return self.left_value - self.right_value

    def row(self, run_id: str) -> tuple[str | date | Decimal, ...]:
        """As `ops.recon` keeps it."""
        left, right = self.left_value, self.right_value
        return (
            run_id,
            self.check_id,
            self.period_start,
            self.dimension,
            left,
            right,
            self.difference,
            self.tolerance,
            self.status,
        )


def load_checks(path: Path = CHECKS) -> list[Reconciliation]:
    """The declared checks. Raises ReconciliationError."""
    checks = []
    for name, entry in yaml.safe_load(path.read_text()).items():
        try:
            checks.append(Reconciliation(check_id=name, **entry))
        except (TypeError, ValidationError) as error:
            raise ReconciliationError(f"{path}: {name}: {error}") from error
    return checks


def reconcile(
    db: duckdb.DuckDBPyConnection, checks: Sequence[Reconciliation], *, from_day: date, to_day: date
) -> list[Compared]:
    """Every period that the nights `from_day` to `to_day` settle; those with status `differs` are the offenders."""
    compared = []
    for check in checks:
        first, last = _settled(check.period, from_day, to_day)
        if first > last:
            continue
        query = QUERY.format(left=check.left, right=check.right, first=literal(first), last=literal(last))
        rows = db.execute(query).fetchall()
        compared.extend(_compare(check, *row) for row in rows)
    return compared


def _settled(period: str, from_day: date, to_day: date) -> tuple[date, date]:
    """First and last period start. The night of a month's first day settles the month before: it loads the bill."""
    if period == "day":
        return from_day, to_day
    opens_on_first = from_day.day == 1
    first = _month_before(from_day) if opens_on_first else from_day.replace(day=1)
    return first, _month_before(to_day)


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _compare(
    check: Reconciliation, start: date, dimension: str, left: Decimal | None, right: Decimal | None
) -> Compared:
    left, right = left or Decimal(0), right or Decimal(0)
    difference, basis = abs(left - right), abs(right)
    agreed = check.tolerance if check.target is None else check.target
    if difference <= agreed * basis:
        status = "agrees"
    else:
        status = "tolerated" if difference <= check.tolerance * basis else "differs"
    when = f"{start:%Y-%m}" if check.period == "month" else f"{start:%Y-%m-%d}"
    share = f" ({difference / basis:.1%})" if basis else ""
    message = (
        f"{check.check_id.replace('_', ' ')}: {when}, {dimension}: {left:,.2f} against {right:,.2f}, a difference of "
        f"{left - right:,.2f}{share}; {check.tolerance:.1%} is allowed. {check.what_to_do.strip()}"
    )
    return Compared(check.check_id, start, dimension, left, right, check.tolerance, status, check.severity, message)
