"""Derives a Great Expectations suite, as the JSON that GX itself writes, from the contract of a source table.

Nothing is imported from the engine: any object with these attributes is a contract (`pipelines.engine.contract.Table`
is one).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol


class Column(Protocol):
    """The rules that each value of a column must keep."""

    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def values(self) -> Sequence[str | int]: ...
    @property
    def pattern(self) -> str | None: ...
    @property
    def min(self) -> int | float | date | None: ...
    @property
    def max(self) -> int | float | date | None: ...


class Contract(Protocol):
    """The part of a source table's contract that promises something about its rows."""

    @property
    def system(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def key(self) -> Sequence[str]: ...
    @property
    def max_reject_share(self) -> float: ...
    @property
    def columns(self) -> Mapping[str, Column]: ...


def derive(contract: Contract) -> dict[str, Any]:
    """The suite of one source table, about its rows typed but not yet filtered, under the names of the contract.

    Rules of single values are critical and hold `mostly`, as far as the contract's reject limit allows. Uniqueness of
    the natural key only warns: systems do deliver a row twice, and core removes and reports the copies.
    """
    mostly = 1 - contract.max_reject_share
    expectations = [
        _expectation(kind, "critical", {"column": name, **kwargs}, mostly)
        for name, column in contract.columns.items()
        for kind, kwargs in _value_rules(column)
    ]
    if len(contract.key) == 1:
        expectations.append(_expectation("expect_column_values_to_be_unique", "warning", {"column": contract.key[0]}))
    elif contract.key:
        kwargs = {"column_list": list(contract.key)}
        expectations.append(_expectation("expect_compound_columns_to_be_unique", "warning", kwargs))
    return {"name": f"{contract.system}.{contract.name}", "expectations": expectations, "meta": {}}


def _value_rules(column: Column) -> Iterator[tuple[str, dict[str, Any]]]:
    if column.required:
        yield "expect_column_values_to_not_be_null", {}
    if column.values:
        yield "expect_column_values_to_be_in_set", {"value_set": list(column.values)}
    if column.pattern:
        yield "expect_column_values_to_match_regex", {"regex": column.pattern}
    if column.min is not None or column.max is not None:
        bounds = {"min_value": _json(column.min), "max_value": _json(column.max)}
        yield "expect_column_values_to_be_between", {key: bound for key, bound in bounds.items() if bound is not None}


def _json(bound: int | float | date | None) -> int | float | str | None:
    return bound.isoformat() if isinstance(bound, date) else bound


def _expectation(kind: str, severity: str, kwargs: dict[str, Any], mostly: float = 1.0) -> dict[str, Any]:
    """GX leaves the default `mostly` of 1 out of its JSON, and so does this."""
    if mostly < 1:
        kwargs |= {"mostly": mostly}
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": {}}
