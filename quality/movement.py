"""Movement rules: which KPIs moved further than `movement.yaml` allows, in plain words. Writes nothing."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template
from typing import Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from quality.checks import literal

RULES = Path(__file__).with_name("movement.yaml")

QUERY = """
with

entry as (
    select
        kpi_id,
        period_start,
        concat_ws(', ', nullif(dimension_1, ''), nullif(dimension_2, ''), nullif(dimension_3, '')) as cell,
        case when denominator is null then numerator else numerator / nullif(denominator, 0) end::double as value
    from {values}
    where period_type = $period and dimension_set = $dimension_set and (is_complete or $scaled)
    qualify version = max(version) over (partition by kpi_id)
),

basis as (
    select
        case
            when $against = 'previous' then (period_start + interval 1 {period})::date
            else period_start
        end as period_start,
        cell,
        value
    from entry
    where kpi_id = case when $against = 'previous' then $kpi else $against end
)

select
    entry.period_start,
    entry.cell,
    entry.value as lhs,
    basis.value as rhs
from entry
left join basis on entry.period_start = basis.period_start and entry.cell is not distinct from basis.cell
where entry.kpi_id = $kpi and entry.period_start between $first and $last and entry.value is not null
    and entry.cell = coalesce($only, entry.cell)
order by entry.period_start, entry.cell
"""


class RuleError(Exception):
    """A rules file breaks its own rules; the message names file, rule and field."""


class Rule(BaseModel):
    """One entry of `movement.yaml`, where the fields are explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kpi: str
    period: Literal["day", "month"]
    within: tuple[float | None, float | None]
    why: str
    against: str | None = None
    dimensions: tuple[str, ...] = ()
    only: str | None = None
    ignore_below: float = 0
    scaled: bool = False
    severity: Literal["watch", "check"] = "watch"

    @property
    def dimension_set(self) -> str:
        return ",".join(self.dimensions) or "all"


@dataclass(frozen=True)
class Offender:
    """One KPI, period and cell outside its bounds; `rhs` is what it was measured against, null if judged by itself."""

    rule: str
    period_start: date
    lhs: float
    rhs: float | None
    ratio: float
    lo: float | None
    hi: float | None
    severity: str
    message: str


def load_rules(path: Path = RULES) -> list[Rule]:
    """The declared rules. Raises RuleError."""
    rules = []
    for name, entry in yaml.safe_load(path.read_text()).items():
        try:
            rules.append(Rule(name=name, **entry))
        except (TypeError, ValidationError) as error:
            raise RuleError(f"{path}: {name}: {error}") from error
    return rules


def movements(
    db: duckdb.DuckDBPyConnection, rules: Sequence[Rule], *, from_day: date, to_day: date, values: str = "kpi.value"
) -> list[Offender]:
    """Offenders among the days of a run and the months that they touch. `values` is a relation in SQL."""
    return [found for rule in rules for found in _offenders(db, rule, from_day, to_day, values)]


def _offenders(db: duckdb.DuckDBPyConnection, rule: Rule, from_day: date, to_day: date, values: str) -> list[Offender]:
    parameters: Mapping[str, object] = {
        "kpi": rule.kpi,
        "period": rule.period,
        "dimension_set": rule.dimension_set,
        "against": rule.against or "",
        "scaled": rule.scaled,
        "only": rule.only,
        "first": from_day.replace(day=1) if rule.period == "month" else from_day,
        "last": to_day,
    }
    query = Template(QUERY.format(values=values, period=rule.period))
    rows = db.execute(query.substitute({name: literal(value) for name, value in parameters.items()})).fetchall()
    judged = (_judge(rule, to_day, *row) for row in rows)
    return [offender for offender in judged if offender]


def _judge(rule: Rule, to_day: date, period_start: date, cell: str, lhs: float, rhs: float | None) -> Offender | None:
    """Null when the value is within bounds, or when there is nothing to measure it against."""
    if rule.against and (not rhs or abs(rhs) < rule.ignore_below):
        return None
    ratio = lhs if rhs is None else (lhs - rhs) / abs(rhs) if rule.against == "previous" else lhs / rhs
    share = _elapsed(period_start, to_day) if rule.scaled and rule.period == "month" else 1.0
    lo, hi = (bound if bound is None else bound * share for bound in rule.within)
    if (lo is None or ratio >= lo) and (hi is None or ratio <= hi):
        return None
    message = _message(rule, period_start, cell, lhs, rhs, ratio, lo, hi)
    return Offender(rule.name, period_start, lhs, rhs, ratio, lo, hi, rule.severity, message)


def _elapsed(month_start: date, to_day: date) -> float:
    """The share of a month gone by at the end of a day: a cap for a month is reached evenly, day by day."""
    if (month_start.year, month_start.month) != (to_day.year, to_day.month):
        return 1.0
    return to_day.day / calendar.monthrange(month_start.year, month_start.month)[1]


def _message(
    rule: Rule, start: date, cell: str, lhs: float, rhs: float | None, ratio: float, lo: float | None, hi: float | None
) -> str:
    kpi = rule.kpi.replace("_", " ")
    when = f"{start:%Y-%m}" if rule.period == "month" else f"{start:%Y-%m-%d}"
    where = f" of {cell}" if cell else ""
    if rhs is None:
        found, bounds = f"are {lhs:,.6g}", _bounds(lo, hi, "{:,.6g}")
    elif rule.against == "previous":
        found = f"changed by {ratio:+.1%} against the {rule.period} before, from {rhs:,.6g} to {lhs:,.6g}"
        bounds = _bounds(lo, hi, "{:+.1%}")
    else:
        found = f"are {ratio:.2%} of {str(rule.against).replace('_', ' ')}, {lhs:,.6g} of {rhs:,.6g}"
        bounds = _bounds(lo, hi, "{:.2%}")
    return f"{when}: {kpi}{where} {found}; expected {bounds}. {rule.why}"


def _bounds(lo: float | None, hi: float | None, form: str) -> str:
    if lo is None or hi is None:
        return f"at most {form.format(hi)}" if lo is None else f"at least {form.format(lo)}"
    return f"{form.format(lo)} to {form.format(hi)}"
