"""A suite runs as few statements over a typed table and counts as GX does."""

import duckdb
import pytest

from quality.compile import Result, SuiteError, validate


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute("""
        create table cdr as from (values
            (1, 'voice', 60, timestamp '2026-01-05 10:00:00'),
            (2, 'sms',    0, timestamp '2026-01-05 11:00:00'),
            (2, 'fax',   -5, timestamp '2026-01-05 12:00:00'),
            (3, null,  null, null)
        ) as cdr(call_ref, service_type, duration_s, start_at)
    """)
    return db


def ask(db: duckdb.DuckDBPyConnection, kind: str, **kwargs) -> Result:
    (result,) = validate(db, "cdr", {"name": "mediation.cdr", "expectations": [{"type": kind, "kwargs": kwargs}]})
    return result


def test_nulls_are_left_out_of_the_percentage(db):
    result = ask(db, "expect_column_values_to_be_in_set", column="service_type", value_set=["voice", "sms"])

    assert (result.success, result.element_count, result.unexpected_count) == (False, 4, 1)
    assert result.unexpected_percent == pytest.approx(100 / 3)


def test_mostly_is_the_share_that_must_hold(db):
    assert ask(db, "expect_column_values_to_be_between", column="duration_s", min_value=0, mostly=2 / 3).success
    assert not ask(db, "expect_column_values_to_be_between", column="duration_s", min_value=0, mostly=0.67).success


def test_every_copy_of_a_repeated_key_is_unexpected(db):
    assert ask(db, "expect_column_values_to_be_unique", column="call_ref").unexpected_count == 2


def test_bounds_of_instants_are_written_as_text(db):
    assert ask(db, "expect_column_max_to_be_between", column="start_at", max_value="2026-01-05 12:00:00").success
    assert not ask(db, "expect_column_max_to_be_between", column="start_at", max_value="2026-01-05 11:59:59").success


def test_a_table_without_rows_breaks_no_row_promise(db):
    db.execute("delete from cdr")

    assert ask(db, "expect_column_values_to_not_be_null", column="call_ref").success
    assert not ask(db, "expect_column_max_to_be_between", column="duration_s", max_value=1).success


def test_results_come_in_the_order_of_the_suite_and_carry_severity_and_title(db):
    suite = {
        "name": "mediation.cdr",
        "expectations": [
            {
                "type": "expect_compound_columns_to_be_unique",
                "kwargs": {"column_list": ["call_ref", "service_type"]},
                "severity": "warning",
            },
            {"type": "expect_column_to_exist", "kwargs": {"column": "trunk"}},
            {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1, "max_value": 4}},
        ],
    }

    results = validate(db, "cdr", suite)

    assert [(r.title, r.severity, r.success) for r in results] == [
        ("compound columns to be unique: call_ref, service_type", "warning", True),
        ("to exist: trunk", "critical", False),
        ("table row count to be between", "critical", True),
    ]


@pytest.mark.parametrize(
    ("kind", "kwargs", "message"),
    [
        ("expect_column_kl_divergence_to_be_less_than", {"column": "duration_s"}, "is not compiled"),
        ("expect_column_values_to_be_in_set", {"column": "duration_s", "values": [1]}, "value_set"),
        ("expect_column_values_to_be_between", {"column": "duration_s"}, "both missing"),
        ("expect_column_values_to_not_be_null", {"column": "durations"}, "mediation.cdr does not fit cdr"),
        ("expect_column_max_to_be_between", {"column": "duration_s", "max_value": 1, "mostly": 0.9}, "no `mostly`"),
    ],
)
def test_what_cannot_be_checked_is_an_error_and_never_a_pass(db, kind, kwargs, message):
    with pytest.raises(SuiteError, match=message):
        ask(db, kind, **kwargs)
