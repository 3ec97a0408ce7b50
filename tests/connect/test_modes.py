"""Snapshot, delta and append from each database: a change arrives once, in the delivery of the night that saw it."""

from datetime import date
from typing import Any

import pytest

from tests.connect.conftest import COLUMNS, FIRST, Database, Shop

NEXT, THIRD = date(2026, 1, 6), date(2026, 1, 7)
SNAPSHOT: dict[str, Any] = {"relation": "orders", "mode": "snapshot", "key": ["order_no"], "columns": COLUMNS}
DELTA = SNAPSHOT | {"mode": "delta", "watermark": "updated_at", "overlap": "2 hours"}
APPEND = SNAPSHOT | {"mode": "append", "watermark": "order_no"}
ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what no database can change
SHOWN = "order_no::bigint, amount::decimal(18,2)::varchar"


def orders(database: Database, *rows: str) -> None:
    database.run(
        """drop table if exists orders;
        create table orders (order_no bigint, msisdn varchar(20), amount decimal(18,2), updated_at timestamp null);
        """
    )
    insert(database, *rows)


def insert(database: Database, *rows: str) -> None:
    database.run(f"insert into orders values {', '.join(rows)}")


def order(number: int, amount: str = "1.10", at: str = "2026-01-05 10:00:00") -> str:
    return f"({number}, '1380000000{number}', {amount}, '{at}')"


def test_a_snapshot_holds_all_rows_at_first_and_then_what_changed(shop: Shop, database: Database) -> None:
    shop.tables = {"order": SNAPSHOT}
    orders(database, order(1), order(2), order(3))
    shop.night()
    database.run("update orders set amount = 9.90 where order_no = 2;\ndelete from orders where order_no = 3;\n")
    insert(database, order(4))
    report = shop.night(NEXT)

    assert sorted(shop.landed(columns=f"{SHOWN}, is_deleted")) == [
        (1, "1.10", False), (2, "1.10", False), (3, "1.10", False),
    ]  # fmt: skip
    assert sorted(shop.landed(day=NEXT, columns=f"{SHOWN}, is_deleted")) == [
        (2, "9.90", False), (3, None, True), (4, "1.10", False),
    ]  # fmt: skip
    assert [(one.status, one.rejected) for one in report.outcomes] == [("loaded", 0)]
    assert sorted(shop.lake("order_no, is_deleted, msisdn_key is null")[3:]) == [
        (2, False, False), (3, True, True), (4, False, False),
    ]  # fmt: skip


@ONE
def test_a_snapshot_without_changes_is_an_empty_delivery(shop: Shop, database: Database) -> None:
    shop.tables = {"order": SNAPSHOT}
    orders(database, order(1))
    shop.night()

    assert [(one.status, one.rows) for one in shop.night(NEXT).outcomes] == [("loaded", 0)]


def test_an_empty_table_is_an_empty_delivery(shop: Shop, database: Database) -> None:
    shop.tables = {"order": SNAPSHOT, "late": DELTA, "new": APPEND}
    database.run(
        """drop table if exists orders;
        create table orders (order_no bigint, msisdn varchar(20), amount decimal(18,2), updated_at timestamp null);
        """
    )
    report = shop.night()

    assert [(one.table, one.status, one.rows) for one in report.outcomes] == [
        ("late", "loaded", 0), ("new", "loaded", 0), ("order", "loaded", 0),
    ]  # fmt: skip


def test_a_watermark_brings_each_change_once_also_those_committed_late(shop: Shop, database: Database) -> None:
    shop.tables = {"order": DELTA}
    orders(database, order(1), order(2, at="2026-01-05 11:00:00"))
    shop.night()
    insert(database, order(3, at="2026-01-05 09:30:00"))  # within the overlap of two hours before 11:00
    insert(database, order(4, at="2026-01-05 08:30:00"))  # before it: never seen, as declared
    database.run("update orders set amount = 5.00, updated_at = '2026-01-06 08:00:00' where order_no = 1")
    shop.night(NEXT)

    assert sorted(shop.landed(day=NEXT, columns=SHOWN)) == [(1, "5.00"), (3, "1.10")]
    assert [one.rows for one in shop.night(THIRD).outcomes] == [0]


def test_rows_of_after_the_night_wait_and_one_of_the_far_future_does_not_hide_others(
    shop: Shop, database: Database
) -> None:
    """The night of the 5th ends at 02:00 in Shanghai, 18:00 UTC; times without zone are Shanghai's."""
    shop.tables = {"order": DELTA | {"max_reject_rows": 5, "event_time": "updated_at"}}
    orders(database, order(1), order(2, at="2026-01-06 02:30:00"), order(3, at="2037-01-01 00:00:00"))
    if database.kind == "mariadb":
        database.run("alter table orders modify updated_at datetime null")
    shop.night()
    insert(database, order(4, at="2026-01-06 09:00:00"))
    shop.night(NEXT)

    assert sorted(shop.landed(columns=SHOWN)) == [(1, "1.10"), (3, "1.10")]
    assert sorted(shop.landed(day=NEXT, columns=SHOWN)) == [(2, "1.10"), (4, "1.10")]


def test_append_follows_a_growing_key(shop: Shop, database: Database) -> None:
    shop.tables = {"order": APPEND | {"overlap": 2}}
    orders(database, order(1), order(4))
    shop.night()
    insert(database, order(3), order(5), order(1))
    shop.night(NEXT)

    assert sorted(shop.landed(day=NEXT, columns=SHOWN)) == [(3, "1.10"), (5, "1.10")]


@ONE
def test_equal_rows_without_a_key_are_counted_not_merged(shop: Shop, database: Database) -> None:
    shop.tables = {"order": APPEND | {"key": []}}
    orders(database, order(1), order(1))
    shop.night()
    insert(database, order(1))
    shop.night(NEXT)

    assert (len(shop.landed()), len(shop.landed(day=NEXT))) == (2, 1)


def test_a_query_reads_what_it_selects(shop: Shop, database: Database) -> None:
    query = "select order_no, msisdn, amount, updated_at from orders where amount > 1;"
    shop.tables = {"order": {key: value for key, value in SNAPSHOT.items() if key != "relation"} | {"query": query}}
    orders(database, order(1), order(2, amount="0.50"))
    shop.night()

    assert shop.landed(columns=SHOWN) == [(1, "1.10")]


@ONE
def test_a_second_run_of_a_night_fetches_nothing(shop: Shop, database: Database) -> None:
    shop.tables = {"order": SNAPSHOT}
    orders(database, order(1))
    shop.night()
    insert(database, order(2))

    assert shop.fetch(FIRST) == []
    assert len(shop.landed()) == 1


@ONE
def test_a_refused_delivery_is_fetched_again_and_loses_no_row(shop: Shop, database: Database) -> None:
    shop.tables = {"order": DELTA | {"columns": COLUMNS | {"amount": {"type": "decimal(18,2)", "max": 5}}}}
    shop.tables["order"] |= {"max_reject_rows": 0}
    orders(database, order(1), order(2, amount="8.00"))
    assert [one.status for one in shop.night().outcomes] == ["refused"]
    database.run("update orders set amount = 4.00 where order_no = 2")

    assert [(one.redo, one.status, one.rows) for one in shop.night().outcomes] == [(1, "loaded", 2)]
    assert sorted(shop.lake("order_no, amount::varchar")) == [(1, "1.10"), (2, "4.00")]


@ONE
def test_what_is_remembered_shows_nobody_and_is_lost_to_another_key(shop: Shop, database: Database) -> None:
    shop.tables = {"order": SNAPSHOT | {"key": ["msisdn"]}}
    orders(database, order(1))
    shop.night()
    (state,) = shop.landing.glob(".*.state")
    (shop.home.root / "keys.yaml").unlink()

    assert b"13800000001" not in state.read_bytes()
    (missed,) = shop.fetch(NEXT)
    assert "does not open with the key 'fetch'" in missed.message
