"""The compiled suite agrees with Great Expectations' pandas engine on verdict and unexpected count, for every type.

Forty random frames, seeded, with nulls, empty tables and every expectation type in several forms. GX takes ten seconds
to import, hence one context for the module and all expectations of a frame in one validation.
"""

import os
import random
from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.engine.contract import Table
from quality.compile import CHECKS, validate
from quality.suite import derive

FRAMES = 40
BETWEEN = [
    {"min_value": 0},
    {"max_value": 3},
    {"min_value": 0, "max_value": 3},
    {"min_value": 0, "max_value": 3, "strict_min": True},
    {"min_value": 0, "max_value": 3, "strict_min": True, "strict_max": True},
]
SHARES = [{"min_value": 0.5}, {"max_value": 0.5}, {"min_value": 0.2, "max_value": 0.9}]
PAIR = {"column_A": "x", "column_B": "y"}
PAIR_MISSING = [{}, {"ignore_row_if": "either_value_is_missing"}, {"ignore_row_if": "neither"}]
LIST_MISSING = [{}, {"ignore_row_if": "any_value_is_missing"}, {"ignore_row_if": "never"}]
COLUMN_X, COLUMN_TEXT, COLUMN_DAY = {"column": "x"}, {"column": "text"}, {"column": "day_text"}

# Every type with the forms in which it is compared; a column of its own where GX's engine is picky about types.
FORMS: dict[str, list[dict[str, Any]]] = {
    "expect_column_values_to_not_be_null": [COLUMN_X, COLUMN_TEXT],
    "expect_column_values_to_be_null": [COLUMN_X, COLUMN_TEXT],
    "expect_column_values_to_be_in_set": [
        COLUMN_X | {"value_set": [1, 2, 3]},
        COLUMN_TEXT | {"value_set": ["a", "ab", None]},
    ],
    "expect_column_values_to_not_be_in_set": [COLUMN_X | {"value_set": [1, 2]}, COLUMN_TEXT | {"value_set": ["a", ""]}],
    "expect_column_values_to_be_between": [
        *({**COLUMN_X, **bounds} for bounds in BETWEEN),
        {"column": "at", "min_value": "2026-01-02T00:00:00", "max_value": "2026-01-03T12:00:00"},
    ],
    "expect_column_values_to_match_regex": [
        COLUMN_TEXT | {"regex": regex} for regex in ("^a", "b+$", "^[ab]{2}$", "中")
    ],
    "expect_column_values_to_not_match_regex": [COLUMN_TEXT | {"regex": regex} for regex in ("^a", "1")],
    "expect_column_values_to_match_regex_list": [
        COLUMN_TEXT | {"regex_list": ["^a", "b$"], "match_on": match_on} for match_on in ("any", "all")
    ],
    "expect_column_values_to_match_strftime_format": [COLUMN_DAY | {"strftime_format": "%Y%m%d"}],
    "expect_column_value_lengths_to_be_between": [COLUMN_TEXT | bounds for bounds in BETWEEN],
    "expect_column_value_lengths_to_equal": [COLUMN_TEXT | {"value": value} for value in (0, 2)],
    "expect_column_pair_values_a_to_be_greater_than_b": [
        PAIR | missing | {"or_equal": or_equal} for missing in PAIR_MISSING for or_equal in (False, True)
    ],
    "expect_column_pair_values_to_be_equal": [PAIR | missing for missing in PAIR_MISSING],
    "expect_column_pair_values_to_be_in_set": [
        PAIR | missing | {"value_pairs_set": [(1, 1), (2, 3), (0, None)]} for missing in PAIR_MISSING
    ],
    "expect_multicolumn_sum_to_equal": [
        missing | {"column_list": ["x", "y", "z"], "sum_total": 5} for missing in LIST_MISSING
    ],
    "expect_select_column_values_to_be_unique_within_record": [
        missing | {"column_list": ["x", "y", "z"]} for missing in LIST_MISSING
    ],
    "expect_column_values_to_be_unique": [COLUMN_X, COLUMN_TEXT],
    "expect_compound_columns_to_be_unique": [missing | {"column_list": ["x", "text"]} for missing in LIST_MISSING],
    "expect_column_max_to_be_between": [COLUMN_X | bounds for bounds in BETWEEN],
    "expect_column_min_to_be_between": [COLUMN_X | bounds for bounds in BETWEEN],
    "expect_column_sum_to_be_between": [COLUMN_X | bounds for bounds in BETWEEN],
    "expect_column_mean_to_be_between": [COLUMN_X | bounds for bounds in BETWEEN],
    "expect_column_median_to_be_between": [COLUMN_X | bounds for bounds in BETWEEN],
    "expect_column_stdev_to_be_between": [COLUMN_X | {"min_value": 1.234}, COLUMN_X | {"max_value": 1.234}],
    "expect_column_unique_value_count_to_be_between": [COLUMN_X | bounds for bounds in BETWEEN],
    "expect_column_proportion_of_non_null_values_to_be_between": [COLUMN_X | bounds for bounds in SHARES],
    "expect_column_proportion_of_unique_values_to_be_between": [COLUMN_X | bounds for bounds in SHARES],
    "expect_column_distinct_values_to_be_in_set": [COLUMN_X | {"value_set": [0, 1, 2, 3, 4]}],
    "expect_column_distinct_values_to_contain_set": [COLUMN_X | {"value_set": [1, 2]}],
    "expect_table_row_count_to_be_between": BETWEEN,
    "expect_table_row_count_to_equal": [{"value": value} for value in (0, 3)],
    "expect_column_to_exist": [COLUMN_X, {"column": "nowhere"}],
    "expect_table_columns_to_match_ordered_list": [
        {"column_list": ["x", "y", "z", "text", "day_text", "at"]},
        {"column_list": ["y", "x", "z", "text", "day_text", "at"]},
    ],
    "expect_table_columns_to_match_set": [
        {"column_set": ["y", "x", "z", "text", "day_text", "at"]},
        {"column_set": ["x", "y"]},
        {"column_set": ["x", "y"], "exact_match": False},
    ],
}
WHOLE_TABLE = ("expect_table", "expect_column_to_exist", "expect_column_distinct", "expect_column_proportion")
AGGREGATES = ("max", "min", "sum", "mean", "median", "stdev", "unique_value_count")

Judge = Callable[[pl.DataFrame, dict[str, Any]], list[dict[str, Any]]]


def takes_mostly(kind: str) -> bool:
    aggregate = any(kind == f"expect_column_{word}_to_be_between" for word in AGGREGATES)
    return not aggregate and not kind.startswith(WHOLE_TABLE)


@pytest.fixture(scope="module")
def gx_judge() -> Judge:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    batch_definition = asset.add_batch_definition_whole_dataframe("all")

    def judge(frame: pl.DataFrame, suite: dict[str, Any]) -> list[dict[str, Any]]:
        batch = batch_definition.get_batch({"dataframe": frame.to_pandas()})
        result = batch.validate(gx.ExpectationSuite(**suite), result_format="BASIC")
        return [one.to_json_dict() for one in result.results]

    return judge


def random_frame(chance: random.Random) -> pl.DataFrame:
    rows, nulls = chance.choice([0, 1, 2, 5, 20]), chance.choice([0.0, 0.1, 0.5, 1.0])

    def column(draw: Callable[[], Any], dtype: Any) -> pl.Series:
        return pl.Series([None if chance.random() < nulls else draw() for _ in range(rows)], dtype=dtype)

    top, texts = chance.choice([2, 5]), ["", "a", "b", "ab", "ba", "bb", "a1", "中文", "'"]
    return pl.DataFrame(
        {
            "x": column(lambda: chance.randint(-1, top), pl.Float64),
            "y": column(lambda: chance.randint(-1, top), pl.Float64),
            "z": column(lambda: chance.randint(-1, top), pl.Float64),
            "text": column(lambda: chance.choice(texts), pl.String),
            "day_text": column(
                lambda: chance.choice(["20260105", "20260230", "20261301", "2026010", "x", ""]), pl.String
            ),
            "at": column(lambda: f"2026-01-0{chance.randint(1, 5)}", pl.String).str.to_datetime(
                "%Y-%m-%d", time_unit="ns"
            ),
        }
    )


def random_suite(chance: random.Random) -> dict[str, Any]:
    """One form of every type, with a `mostly` where the type takes one."""
    expectations = []
    for kind, forms in FORMS.items():
        mostly = {"mostly": chance.choice([1.0, 0.95, 0.5, 1 / 3])} if takes_mostly(kind) else {}
        expectations.append({"type": kind, "kwargs": chance.choice(forms) | mostly})
    return {"name": "random", "expectations": expectations}


def test_every_compiled_type_is_compared():
    assert set(FORMS) == set(CHECKS)


def test_verdict_and_unexpected_count_equal_gx_on_random_frames(gx_judge: Judge):
    differences = []
    for seed in range(FRAMES):
        chance = random.Random(seed)
        frame, suite = random_frame(chance), random_suite(chance)
        db = duckdb.connect()
        db.register("frame", frame.to_arrow())
        ours = {(r.expectation): (r.success, r.unexpected_count) for r in validate(db, "frame", suite)}
        for theirs in gx_judge(frame, suite):
            kind = theirs["expectation_config"]["type"]
            expected = (theirs["success"], theirs["result"].get("unexpected_count"))
            if ours[kind] != expected:
                differences.append(
                    (
                        seed,
                        kind,
                        theirs["expectation_config"]["kwargs"],
                        "ours",
                        ours[kind],
                        "gx",
                        expected,
                        theirs["exception_info"],
                    )
                )
    assert differences == []


def test_a_derived_suite_survives_the_round_trip_through_gx(gx_judge: Judge):
    import great_expectations as gx

    contract = Table.model_validate(
        {
            "name": "cdr",
            "system": "mediation",
            "files": "cdr_{date}.csv",
            "format": "csv",
            "mode": "append",
            "key": ["x", "text"],
            "columns": {
                "text": {"type": "varchar", "required": True, "values": ["a", "b"], "pattern": "^a"},
                "x": {"type": "integer", "min": 0},
                "since": {"type": "date", "max": "2026-12-31"},
            },
        }
    )
    suite = derive(contract)

    back = gx.ExpectationSuite(**suite).to_json_dict()

    def essence(form: dict[str, Any]) -> list[tuple[Any, ...]]:
        return [(one["type"], one["kwargs"], one["severity"]) for one in form["expectations"]]

    assert (back["name"], essence(back)) == (suite["name"], essence(suite))
