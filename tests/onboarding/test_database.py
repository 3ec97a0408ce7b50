"""A table of a database is looked at like a file, and the contract proposed is one that is fetched."""

import sqlite3
from pathlib import Path

from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.contract import load_contract


def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table orders (order_no integer, msisdn text, amount text, updated_at text)")
        rows = [(n, f"1381234{n:04d}", f"{n}.50", f"2026-01-0{n % 5 + 1} 10:00:00") for n in range(1, 41)]
        connection.executemany("insert into orders values (?, ?, ?, ?)", rows)
        connection.execute("create table kinds (kind_no integer, label text)")
        connection.execute("insert into kinds values (1, 'a'), (2, 'b')")
    return path


def test_a_table_with_a_time_of_change_is_fetched_by_watermark(tmp_path: Path) -> None:
    url, folder = f"sqlite://{shop(tmp_path)}", tmp_path / "shop"
    result = CliRunner().invoke(app, ["sources", "profile", url, "--table", "orders", "--out", str(folder)])

    assert result.exit_code == 0, result.output
    assert "13812340001" not in result.output
    system = load_contract(folder / "defs.yaml")
    orders = system.tables["orders"]
    assert (system.connector, system.connection) == ("database", "shop")
    assert (orders.relation, orders.mode, orders.watermark, orders.key) == (
        "orders",
        "delta",
        "updated_at",
        ("order_no",),
    )
    assert orders.columns["msisdn"].key == "msisdn"
    assert url not in (folder / "defs.yaml").read_text()


def test_a_table_without_one_is_compared_as_a_whole(tmp_path: Path) -> None:
    url, folder = f"sqlite://{shop(tmp_path)}", tmp_path / "shop"
    result = CliRunner().invoke(app, ["sources", "profile", url, "--table", "kinds", "--out", str(folder)])

    assert result.exit_code == 0, result.output
    kinds = load_contract(folder / "defs.yaml").tables["kinds"]
    assert (kinds.mode, kinds.key, kinds.tells_deletions) == ("snapshot", ("kind_no",), True)


def test_a_database_needs_a_table_and_a_password_is_not_shown(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["sources", "profile", "postgresql://u:geheim@127.0.0.1:1/x"])

    assert result.exit_code == 1
    assert "say which table" in result.output and "geheim" not in result.output
