"""What each Great Expectations type asks of a table, said in DuckDB SQL.

One function per expectation type; its parameters are the kwargs the type accepts, so that an unknown kwarg is an error
and not a check that silently checks less. Semantics are those of GX 1.24's pandas engine
(`tests/quality/test_parity.py`), with two differences that follow from DuckDB: regular expressions are RE2's (no
look-around; `$` is the end of the text only), and NaN is a value, not a missing one (typed tables hold DECIMAL and
integers, so it does not arise).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Verdict = Callable[[Any], bool]


@dataclass(frozen=True)
class RowCheck:
    """Counts the rows of `domain` for which `holds` is not true."""

    domain: str
    holds: str


@dataclass(frozen=True)
class KeyCheck:
    """Counts the rows of `domain` that share their values of `columns` with another row."""

    domain: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ValueCheck:
    """Asks a verdict of one number of the table.

    `own_pass` when the value cannot share the scan cheaply (distinct counts), `is_unexpected_count` when it counts
    offenders.
    """

    value: str
    verdict: Verdict
    own_pass: bool = False
    is_unexpected_count: bool = False


@dataclass(frozen=True)
class ColumnsCheck:
    """Asks a verdict of the list of column names."""

    verdict: Verdict


Check = RowCheck | KeyCheck | ValueCheck | ColumnsCheck


def name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def _within(expression: str, min_value: Any, max_value: Any, strict_min: bool, strict_max: bool) -> str:
    bounds = []
    if min_value is not None:
        bounds.append(f"{expression} {'>' if strict_min else '>='} {literal(min_value)}")
    if max_value is not None:
        bounds.append(f"{expression} {'<' if strict_max else '<='} {literal(max_value)}")
    if not bounds:
        raise ValueError("min_value and max_value are both missing")
    return " and ".join(bounds)


def one_of(expression: str, values: Sequence[Any]) -> str:
    known = [value for value in values if value is not None]
    return f"{expression} in ({', '.join(map(literal, known))})" if known else "false"


def _present(column: str) -> str:
    return f"{name(column)} is not null"


def not_be_null(column: str) -> Check:
    return RowCheck("true", _present(column))


def be_null(column: str) -> Check:
    return RowCheck("true", f"{name(column)} is null")


def be_in_set(column: str, value_set: Sequence[Any]) -> Check:
    return RowCheck(_present(column), one_of(name(column), value_set))


def not_be_in_set(column: str, value_set: Sequence[Any]) -> Check:
    return RowCheck(_present(column), f"not ({one_of(name(column), value_set)})")


def be_between(
    column: str, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Check:
    return RowCheck(_present(column), _within(name(column), min_value, max_value, strict_min, strict_max))


def match_regex(column: str, regex: str) -> Check:
    return RowCheck(_present(column), f"regexp_matches({name(column)}::varchar, {literal(regex)})")


def not_match_regex(column: str, regex: str) -> Check:
    return RowCheck(_present(column), f"not regexp_matches({name(column)}::varchar, {literal(regex)})")


def match_regex_list(column: str, regex_list: Sequence[str], match_on: str = "any") -> Check:
    matches = [f"regexp_matches({name(column)}::varchar, {literal(regex)})" for regex in regex_list]
    return RowCheck(_present(column), f" {'or' if match_on == 'any' else 'and'} ".join(matches))


def match_strftime_format(column: str, strftime_format: str) -> Check:
    return RowCheck(_present(column), f"try_strptime({name(column)}, {literal(strftime_format)}) is not null")


def value_lengths_between(
    column: str, min_value: Any = None, max_value: Any = None, strict_min: bool = False, strict_max: bool = False
) -> Check:
    length = f"length({name(column)}::varchar)"
    return RowCheck(_present(column), _within(length, min_value, max_value, strict_min, strict_max))


def value_lengths_equal(column: str, value: int) -> Check:
    return RowCheck(_present(column), f"length({name(column)}::varchar) = {literal(value)}")


def _pair_domain(column_a: str, column_b: str, ignore_row_if: str) -> str:
    return {
        "both_values_are_missing": f"({_present(column_a)} or {_present(column_b)})",
        "either_value_is_missing": f"({_present(column_a)} and {_present(column_b)})",
        "neither": "true",
    }[ignore_row_if]


def pair_a_greater_than_b(
    column_A: str,  # noqa: N803 - the name GX gives it
    column_B: str,  # noqa: N803
    or_equal: bool = False,
    ignore_row_if: str = "both_values_are_missing",
) -> Check:
    holds = f"{name(column_A)} {'>=' if or_equal else '>'} {name(column_B)}"
    return RowCheck(_pair_domain(column_A, column_B, ignore_row_if), holds)


def pair_equal(column_A: str, column_B: str, ignore_row_if: str = "both_values_are_missing") -> Check:  # noqa: N803
    return RowCheck(_pair_domain(column_A, column_B, ignore_row_if), f"{name(column_A)} = {name(column_B)}")


def pair_in_set(
    column_A: str,  # noqa: N803
    column_B: str,  # noqa: N803
    value_pairs_set: Sequence[Sequence[Any]],
    ignore_row_if: str = "both_values_are_missing",
) -> Check:
    pairs = [
        " and ".join(
            f"{name(column)} is null" if value is None else f"{name(column)} = {literal(value)}"
            for column, value in ((column_A, left), (column_B, right))
        )
        for left, right in value_pairs_set
    ]
    holds = " or ".join(f"({pair})" for pair in pairs) or "false"
    return RowCheck(_pair_domain(column_A, column_B, ignore_row_if), holds)


def _list_domain(columns: Sequence[str], ignore_row_if: str) -> str:
    present = [_present(column) for column in columns]
    return {
        "all_values_are_missing": f"({' or '.join(present)})",
        "any_value_is_missing": f"({' and '.join(present)})",
        "never": "true",
    }[ignore_row_if]


def multicolumn_sum_equal(
    column_list: Sequence[str], sum_total: float, ignore_row_if: str = "all_values_are_missing"
) -> Check:
    total = " + ".join(name(column) for column in column_list)
    return RowCheck(_list_domain(column_list, ignore_row_if), f"{total} = {literal(sum_total)}")


def unique_within_record(column_list: Sequence[str], ignore_row_if: str = "all_values_are_missing") -> Check:
    columns = [name(column) for column in column_list]
    differ = [f"{a} is distinct from {b}" for i, a in enumerate(columns) for b in columns[i + 1 :]]
    return RowCheck(_list_domain(column_list, ignore_row_if), " and ".join(differ) or "true")


def be_unique(column: str) -> Check:
    return KeyCheck(_present(column), (name(column),))


def compound_unique(column_list: Sequence[str], ignore_row_if: str = "all_values_are_missing") -> Check:
    return KeyCheck(_list_domain(column_list, ignore_row_if), tuple(name(column) for column in column_list))


ROW_CHECKS: dict[str, Callable[..., Check]] = {
    "expect_column_values_to_not_be_null": not_be_null,
    "expect_column_values_to_be_null": be_null,
    "expect_column_values_to_be_in_set": be_in_set,
    "expect_column_values_to_not_be_in_set": not_be_in_set,
    "expect_column_values_to_be_between": be_between,
    "expect_column_values_to_match_regex": match_regex,
    "expect_column_values_to_not_match_regex": not_match_regex,
    "expect_column_values_to_match_regex_list": match_regex_list,
    "expect_column_values_to_match_strftime_format": match_strftime_format,
    "expect_column_value_lengths_to_be_between": value_lengths_between,
    "expect_column_value_lengths_to_equal": value_lengths_equal,
    "expect_column_pair_values_a_to_be_greater_than_b": pair_a_greater_than_b,
    "expect_column_pair_values_to_be_equal": pair_equal,
    "expect_column_pair_values_to_be_in_set": pair_in_set,
    "expect_multicolumn_sum_to_equal": multicolumn_sum_equal,
    "expect_select_column_values_to_be_unique_within_record": unique_within_record,
    "expect_column_values_to_be_unique": be_unique,
    "expect_compound_columns_to_be_unique": compound_unique,
}
