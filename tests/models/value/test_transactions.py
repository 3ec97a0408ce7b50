"""Transactions become histories by the published conventions, and what is left out is told."""

from datetime import date

import duckdb
import pytest

from models.value.likelihood import FitError
from models.value.transactions import Columns, Histories, histories

SHOP = Columns("who", "day", "paid")


def made(rows: str, kinds: str = "varchar, date, decimal(18, 2)", **more: object) -> Histories:
    who, day, paid = kinds.split(", ", 2)
    typed = f"who::{who} as who, day::{day} as day, paid::{paid} as paid"
    query = f"(select {typed} from (values {rows}) as t (who, day, paid))"
    with duckdb.connect() as connection:
        return histories(connection, query, SHOP, **more)  # type: ignore[arg-type]


def test_one_day_is_one_purchase_and_the_first_is_left_out_of_the_mean() -> None:
    found = made(
        """('b', '2026-01-03', 9), ('a', '2026-01-08', 4), ('a', '2026-01-01', 100), ('a', '2026-01-15', 8),
        ('a', '2026-01-08', 6)"""
    )

    assert found.customer == ["a", "b"]
    assert found.frequency.tolist() == [2, 0]
    assert found.recency.tolist() == [14, 0]
    assert found.age.tolist() == [14, 12]
    assert found.mean[0] == 9  # (10 + 8) / 2
    assert found.told == []


def test_weeks_are_days_over_seven_and_not_calendar_weeks() -> None:
    found = made("('a', '2026-01-01', 1), ('a', '2026-01-02', 1), ('a', '2026-01-11', 1)", unit="week")

    assert found.frequency.tolist() == [2]
    assert found.recency[0] == pytest.approx(10 / 7)


def test_the_holdout_is_counted_apart_and_who_comes_in_it_is_nobody() -> None:
    found = made(
        "('a', '2026-01-01', 1), ('a', '2026-01-05', 2), ('a', '2026-01-10', 3), ('b', '2026-01-09', 1)", holdout_days=4
    )

    assert found.customer == ["a"]
    assert found.until == date(2026, 1, 6)
    assert (found.frequency[0], found.age[0], found.later[0], found.later_spent[0]) == (1, 5, 1, 3)


def test_refunds_zeros_repeats_and_unreadable_rows_are_told() -> None:
    found = made(
        """('a', '2026-01-01', '5'), ('a', '2026-01-02', '-5'), ('a', '2026-01-03', '0'), ('a', '2026-01-03', '0'),
        ('a', '2026-01-04', 'free'), (null, '2026-01-04', '1'), ('b', 'soon', '1'), ('c', '2026-01-09', '2')""",
        "varchar, varchar, varchar",
    )

    assert found.frequency.tolist() == [1, 0]
    assert found.told == [
        "1 rows without customer left out",
        "1 rows without a readable day left out",
        "1 rows without a readable amount left out",
        "1 rows with an amount below zero left out as refunds, -5.00 in all",
        "2 rows with amount zero counted as purchases",
        "1 rows repeat another one of the same customer, day and amount; they are taken for real",
    ]


@pytest.mark.parametrize(("zone", "days"), [("UTC", 0), ("Asia/Shanghai", 1)])
def test_a_time_with_a_zone_falls_on_the_day_of_the_zone_asked_for(zone: str, days: int) -> None:
    found = made(
        "('a', '2026-01-01 10:00:00+00', 1), ('a', '2026-01-01 20:00:00+00', 1), ('b', '2026-01-04 00:00:00+00', 1)",
        "varchar, timestamptz, integer", time_zone=zone,
    )  # fmt: skip

    assert found.recency[0] == days


def test_days_in_digits_and_in_text_with_an_offset_are_read() -> None:
    assert made("('a', 20260101, 1), ('a', 20260104, 1)", "varchar, integer, integer").recency.tolist() == [3]
    texts = "('a', '2026-01-01T23:30:00-02:00', 1), ('a', '2026-01-03', 1)"
    assert made(texts, "varchar, varchar, integer").recency.tolist() == [1]


def test_a_wrong_column_is_refused_with_the_columns_that_there_are() -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(FitError, match="no column 'paid' for the amount; it has who, day"),
    ):
        histories(connection, "(select 1 as who, date '2026-01-01' as day)", SHOP)
    with pytest.raises(FitError, match="2 of 2 rows have no day in 'day'"):
        made("('a', 'x', 1), ('a', 'y', 1)", "varchar, varchar, integer")


def test_a_holdout_longer_than_the_table_is_refused() -> None:
    with pytest.raises(FitError, match="take a shorter holdout"):
        made("('a', '2026-01-01', 1), ('a', '2026-01-05', 2)", holdout_days=4)
