"""Expectations about a table as a whole: its aggregates, number of rows, columns. Semantics as in `checks.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from quality.checks import Check, ColumnsCheck, ValueCheck, Verdict, literal, name, one_of


def _between_verdict(min_value: Any, max_value: Any, strict_min: bool, strict_max: bool) -> Verdict:
    def verdict(observed: Any) -> bool:
        if observed is None:
            return False
        low, high = (_as_type_of(observed, bound) for bound in (min_value, max_value))
        above = low is None or (observed > low if strict_min else observed >= low)
        below = high is None or (observed < high if strict_max else observed <= high)
        return above and below

    return verdict


def _as_type_of(observed: Any, bound: Any) -> Any:
    """A bound written in JSON as text becomes a day or an instant where the column holds one."""
    if isinstance(bound, str) and isinstance(observed, date):
        return type(observed).fromisoformat(bound)
    return bound


def _aggregate(template: str, *, own_pass: bool = False) -> Callable[..., Check]:
    def build(
        column: str, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
    ) -> Check:
        verdict = _between_verdict(min_value, max_value, strict_min, strict_max)
        return ValueCheck(template.format(name(column)), verdict, own_pass)

    return build


def row_count_between(
    min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Check:
    return ValueCheck("count(*)", _between_verdict(min_value, max_value, strict_min, strict_max))


def row_count_equal(value: int) -> Check:
    return ValueCheck("count(*)", lambda observed: observed == value)


def distinct_in_set(column: str, value_set: Sequence[Any]) -> Check:
    outside = f"count(distinct {name(column)}) filter (where not ({one_of(name(column), value_set)}))"
    return ValueCheck(outside, lambda observed: observed == 0, own_pass=True, is_unexpected_count=True)


def distinct_contain_set(column: str, value_set: Sequence[Any]) -> Check:
    found = [f"bool_or({name(column)} = {literal(value)})" for value in value_set]
    return ValueCheck(f"coalesce({' and '.join(found) or 'true'}, false)", bool)


def column_exists(column: str) -> Check:
    return ColumnsCheck(lambda columns: column in columns)


def columns_ordered(column_list: Sequence[str]) -> Check:
    return ColumnsCheck(lambda columns: columns == list(column_list))


def columns_set(column_set: Sequence[str], exact_match: bool = True) -> Check:
    def verdict(columns: Sequence[str]) -> bool:
        return set(columns) == set(column_set) if exact_match else set(column_set) <= set(columns)

    return ColumnsCheck(verdict)


TABLE_CHECKS: dict[str, Callable[..., Check]] = {
    "expect_column_max_to_be_between": _aggregate("max({})"),
    "expect_column_min_to_be_between": _aggregate("min({})"),
    "expect_column_sum_to_be_between": _aggregate("coalesce(sum({}), 0)"),
    "expect_column_mean_to_be_between": _aggregate("avg({})"),
    "expect_column_stdev_to_be_between": _aggregate("stddev_samp({})"),
    "expect_column_median_to_be_between": _aggregate("median({})", own_pass=True),
    "expect_column_proportion_of_non_null_values_to_be_between": _aggregate(
        "coalesce(count({}) / nullif(count(*), 0), 0)"
    ),
    "expect_column_unique_value_count_to_be_between": _aggregate("count(distinct {})", own_pass=True),
    "expect_column_proportion_of_unique_values_to_be_between": _aggregate(
        "coalesce(count(distinct {0}) / nullif(count({0}), 0), 0)", own_pass=True
    ),
    "expect_column_distinct_values_to_be_in_set": distinct_in_set,
    "expect_column_distinct_values_to_contain_set": distinct_contain_set,
    "expect_table_row_count_to_be_between": row_count_between,
    "expect_table_row_count_to_equal": row_count_equal,
    "expect_column_to_exist": column_exists,
    "expect_table_columns_to_match_ordered_list": columns_ordered,
    "expect_table_columns_to_match_set": columns_set,
}
