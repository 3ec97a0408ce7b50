"""Runs a Great Expectations suite as one to three DuckDB statements, without importing Great Expectations.

GX 1.24 has no DuckDB engine, and its import alone costs nine seconds. Here every row-level expectation and every plain
aggregate of a table is answered by one scan; uniqueness and distinct counts share a second statement, names of columns
are a third. `mostly`, nulls and empty tables count as in GX.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from quality.checks import ROW_CHECKS, Check, ColumnsCheck, KeyCheck, RowCheck, ValueCheck
from quality.table_checks import TABLE_CHECKS

CHECKS = ROW_CHECKS | TABLE_CHECKS

Suite = Mapping[str, Any]
"""The JSON that GX writes: {"name": ..., "expectations": [{"type", "kwargs", "severity", "meta"}, ...]}."""


class SuiteError(Exception):
    """The suite asks for something that cannot be compiled, or for a column that the table does not have."""


@dataclass(frozen=True)
class Result:
    """What one expectation found. Counts are null for expectations about the table as a whole.

    `unexpected_percent` (0 to 100) is of the rows considered, that is without nulls, as in GX. A statement answers
    several expectations: `seconds` is its time shared equally among them, so that the seconds of a table add up.
    """

    expectation: str
    kwargs: Mapping[str, Any]
    severity: str
    success: bool
    element_count: int
    unexpected_count: int | None = None
    considered_count: int | None = None
    observed_value: Any = None
    seconds: float = 0.0

    @property
    def unexpected_percent(self) -> float | None:
        if not self.considered_count or self.unexpected_count is None:
            return None
        return 100 * self.unexpected_count / self.considered_count

    @property
    def title(self) -> str:
        """The expectation and its columns: 'values to be in set: service_type'."""
        words = self.expectation.removeprefix("expect_").removeprefix("column_").replace("_", " ")
        columns = [self.kwargs[key] for key in ("column", "column_A", "column_B") if key in self.kwargs]
        columns += self.kwargs.get("column_list", [])
        return f"{words}: {', '.join(columns)}" if columns else words


@dataclass(frozen=True)
class _Asked:
    """One expectation of the suite with the check that answers it."""

    type: str
    kwargs: Mapping[str, Any]
    severity: str
    mostly: float
    check: Check


@dataclass
class _Statement:
    """Expressions to be answered together; a repeated expression is computed once."""

    expressions: dict[str, None] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def ask(self, *expressions: str) -> None:
        self.expressions.update(dict.fromkeys(expressions))

    def run(self, db: duckdb.DuckDBPyConnection, tail: str) -> None:
        if not self.expressions:
            return
        started = time.perf_counter()
        row = db.execute(f"select {', '.join(self.expressions)} {tail}").fetchone()
        self.seconds = time.perf_counter() - started
        self.values = dict(zip(self.expressions, row or (), strict=True))


def validate(db: duckdb.DuckDBPyConnection, relation: str, suite: Suite) -> list[Result]:
    """One result per expectation, in the suite's order. `relation` is SQL: a table's name or a query in parentheses.

    Raises SuiteError for a type, kwarg or column that is not there.
    """
    asked = [_read(suite["name"], expectation) for expectation in suite["expectations"]]
    scan, passes = _Statement(), _Statement()
    scan.ask("count(*)")
    for one in asked:
        (passes if _has_own_pass(one.check) else scan).ask(*_expressions(one.check, relation))
    columns: list[str] = []
    try:
        scan.run(db, f"from {relation}")
        passes.run(db, "")
        if any(isinstance(one.check, ColumnsCheck) for one in asked):
            columns = [row[0] for row in db.execute(f"describe select * from {relation}").fetchall()]
    except duckdb.BinderException as error:
        raise SuiteError(f"suite {suite['name']} does not fit {relation}: {error}") from error
    shares = {
        own: seconds / max(1, sum(_has_own_pass(one.check) is own for one in asked))
        for own, seconds in ((True, passes.seconds), (False, scan.seconds))
    }
    values = scan.values | passes.values
    return [_judge(one, relation, values, columns, shares[_has_own_pass(one.check)]) for one in asked]


def _read(suite_name: str, expectation: Mapping[str, Any]) -> _Asked:
    kind, kwargs = expectation["type"], dict(expectation["kwargs"])
    if kind not in CHECKS:
        raise SuiteError(
            f"suite {suite_name}: {kind} is not compiled; add it to quality/checks.py or use one of {sorted(CHECKS)}"
        )
    mostly = kwargs.pop("mostly", 1.0)
    try:
        check = CHECKS[kind](**inspect.signature(CHECKS[kind]).bind(**kwargs).arguments)
    except (TypeError, ValueError, KeyError) as error:
        raise SuiteError(f"suite {suite_name}: {kind} with {kwargs}: {error}") from error
    if mostly != 1.0 and not isinstance(check, RowCheck | KeyCheck):
        raise SuiteError(f"suite {suite_name}: {kind} is about the table as a whole and takes no `mostly`")
    return _Asked(kind, expectation["kwargs"], expectation.get("severity", "critical"), mostly, check)


def _has_own_pass(check: Check) -> bool:
    return isinstance(check, KeyCheck) or (isinstance(check, ValueCheck) and check.own_pass)


def _expressions(check: Check, relation: str) -> tuple[str, ...]:
    match check:
        case RowCheck(domain, holds):
            return _considered(domain), f"count(*) filter (where {domain} and not coalesce({holds}, false))"
        case KeyCheck(domain, columns):
            repeated = (
                f"select count(*) as copies from {relation} where {domain} "
                f"group by {', '.join(columns)} having count(*) > 1"
            )
            return (
                f"(select {_considered(domain)} from {relation})",
                f"(select coalesce(sum(copies), 0)::bigint from ({repeated}))",
            )
        case ValueCheck(value, _, own_pass, _):
            return (f"(select {value} from {relation})",) if own_pass else (value,)
        case ColumnsCheck():
            return ()


def _considered(domain: str) -> str:
    return "count(*)" if domain == "true" else f"count(*) filter (where {domain})"


def _judge(one: _Asked, relation: str, values: Mapping[str, Any], columns: Sequence[str], seconds: float) -> Result:
    found = [values[expression] for expression in _expressions(one.check, relation)]
    elements = values["count(*)"]
    match one.check:
        case RowCheck() | KeyCheck():
            considered, unexpected = found
            success = considered == 0 or (float(considered) - float(unexpected)) / float(considered) >= one.mostly
            return Result(one.type, one.kwargs, one.severity, success, elements, unexpected, considered, None, seconds)
        case ValueCheck(_, verdict, _, is_unexpected_count):
            observed = found[0]
            unexpected = observed if is_unexpected_count else None
        case ColumnsCheck(verdict):
            observed, unexpected = list(columns), None
    return Result(one.type, one.kwargs, one.severity, verdict(observed), elements, unexpected, None, observed, seconds)
