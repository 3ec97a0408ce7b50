"""A table of a database is looked at like a file, and the contract proposed is one that is fetched and loaded."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.contract import Table, load_contract
from tests.connect.conftest import Database, Shop

ORDERS = """
create table orders (
    order_no bigint primary key, msisdn varchar(20), amount decimal(18,2), is_paid boolean, "Placed On" date,
    note text, updated_at timestamp
);
create table kinds (kind_no smallint, label varchar(9));
insert into kinds values (1, 'a'), (2, 'b');
insert into orders values {rows};
"""


@pytest.fixture
def orders(database: Database) -> Database:
    """Forty orders and two kinds of them."""
    days = [f"2026-01-0{n % 5 + 1}" for n in range(1, 41)]
    rows = [
        f"({n}, '1381234{n:04d}', {n}.50, {n % 2 == 1}, '{day}', 'été {n % 3}', '{day} 10:00:00')"
        for n, day in enumerate(days, start=1)
    ]
    database.run(ORDERS.format(rows=", ".join(rows)))
    return database


def profiled(table: str, folder: Path) -> Table:
    """The contract proposed for a table of the connection `shop`."""
    result = CliRunner().invoke(app, ["sources", "profile", "shop", "--table", table, "--out", str(folder)])
    assert result.exit_code == 0, result.output
    assert "13812340001" not in result.output
    system = load_contract(folder / "defs.yaml")
    assert (system.connector, system.connection) == ("database", "shop")
    return system.tables[table.rpartition(".")[2]]


def proposed(folder: Path) -> dict[str, Any]:
    return yaml.safe_load((folder / "defs.yaml").read_text())["attributes"]["tables"]


def test_a_table_with_a_time_of_change_is_fetched_by_watermark(shop: Shop, orders: Database, tmp_path: Path) -> None:
    qualified = {"postgresql": "public.orders", "mariadb": f"{orders.name}.orders"}.get(orders.kind, "orders")
    found = profiled(qualified, tmp_path / "shop")

    assert (found.relation, found.mode, found.watermark, found.key) == (
        qualified, "delta", "updated_at", ("order_no",),
    )  # fmt: skip
    assert found.columns["msisdn"].key == "msisdn"
    assert {name: column.type for name, column in found.columns.items()} == {
        "order_no": "bigint", "msisdn": "varchar", "amount": "decimal(18,2)",
        "is_paid": "smallint" if orders.kind == "mariadb" else "boolean",  # MariaDB's boolean is a number like others
        "placed_on": "date", "note": "varchar", "updated_at": "timestamp",
    }  # fmt: skip

    shop.tables = proposed(tmp_path / "shop")
    (outcome,) = shop.night().outcomes
    assert (outcome.status, outcome.rows, outcome.rejected) == ("loaded", 40, 0)
    columns = "order_no::integer, amount::varchar, is_paid, placed_on::varchar, updated_at::varchar"
    assert shop.lake(columns, "orders")[:2] == [
        (1, "1.50", True, "2026-01-02", told(orders, 2)), (2, "2.50", False, "2026-01-03", told(orders, 3)),
    ]  # fmt: skip


def told(orders: Database, day: int) -> str:
    """When it was changed, in UTC: MariaDB's TIMESTAMP knows its moment, the others' are in the operator's time."""
    return f"2026-01-0{day} {10 if orders.kind == 'mariadb' else 2:02d}:00:00"


def test_a_table_without_one_is_compared_as_a_whole(shop: Shop, orders: Database, tmp_path: Path) -> None:
    kinds = profiled("kinds", tmp_path / "shop")

    assert (kinds.mode, kinds.key, kinds.tells_deletions) == ("snapshot", ("kind_no",), True)
    shop.tables = proposed(tmp_path / "shop")
    shop.night()
    assert shop.lake("kind_no::integer, label, is_deleted", "kinds") == [(1, "a", False), (2, "b", False)]


@pytest.mark.parametrize(
    ("database", "columns", "values", "left"),
    [
        ("postgresql", "photo bytea, face bytea", "'x', 'y'", "photo, face"),
        ("mariadb", "photo mediumblob, face binary(2), flag bit(1)", "'x', 'y', b'1'", "photo, face, flag"),
    ],
    indirect=["database"],
)
def test_bytes_are_left_out_and_said_so(
    shop: Shop, database: Database, columns: str, values: str, left: str, tmp_path: Path
) -> None:
    database.run(f"create table faces (face_no int, label varchar(9), {columns});\n")
    database.run(f"insert into faces values (1, 'a', {values}), (2, 'b', {values});\n")
    found = profiled("faces", tmp_path / "shop")

    assert found.description == f"Rows of faces. Left out, as they hold bytes: {left}."
    shop.tables = proposed(tmp_path / "shop")
    shop.night()
    assert shop.lake("face_no::integer, label", "faces") == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_types_that_only_mariadb_has_are_proposed_as_what_they_are_fetched_as(
    shop: Shop, database: Database, tmp_path: Path
) -> None:
    database.run("""create table odd (
        id bigint unsigned primary key, kind enum('a', 'b'), tags set('x', 'y'), doc json, wait time, model year,
        big decimal(30, 12), moment datetime(6), born date, "Full Näme" varchar(9) character set latin1);
    insert into odd values
        (18446744073709551615, 'a', 'x,y', '[1]', '-838:59:59', 2026, 1.123456789012, '2026-01-05 10:00:00.123456',
            '0000-00-00', 'é'),
        (2, 'b', '', '{}', null, 1999, -1, '9999-12-31 23:59:59', '2026-01-01', 'ü');\n""")
    profiled("odd", tmp_path / "shop")
    shop.tables = proposed(tmp_path / "shop")
    (outcome,) = shop.night().outcomes

    assert (outcome.status, outcome.rejected, outcome.notes) == ("loaded", 0, ())
    assert shop.lake("id::varchar, kind, tags, doc, wait, model::integer, big::varchar, born, full_n_me", "odd") == [
        ("2", "b", None, "{}", None, 1999, "-1.000000000000", "2026-01-01", "ü"),
        ("18446744073709551615", "a", "x,y", "[1]", "-838:59:59", 2026, "1.123456789012", "0000-00-00", "é"),
    ]  # fmt: skip


def test_an_empty_table_and_one_that_is_not_there_are_told(orders: Database, tmp_path: Path) -> None:
    orders.run("delete from kinds;\n")
    for table in ("kinds", "nothing"):
        result = CliRunner().invoke(
            app, ["sources", "profile", "shop", "--table", table, "--out", str(tmp_path / table)]
        )
        assert result.exit_code == 1
        assert "Traceback" not in result.output and table in result.output


def test_a_database_needs_a_table_and_a_password_is_not_shown(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["sources", "profile", "postgresql://u:geheim@127.0.0.1:1/x"])

    assert result.exit_code == 1
    assert "say which table" in result.output and "geheim" not in result.output


def test_the_url_of_a_database_is_no_part_of_the_contract(database: Database, tmp_path: Path) -> None:
    database.run("create table kinds (kind_no int, label varchar(9));\ninsert into kinds values (1, 'a'), (2, 'b');\n")
    url = os.environ["BASSLINE_CONNECTION_SHOP"]
    command = ["sources", "profile", url, "--table", "kinds", "--out", str(tmp_path / "shop")]
    result = CliRunner().invoke(app, command)

    assert result.exit_code == 0, result.output
    assert url not in (tmp_path / "shop" / "defs.yaml").read_text()
