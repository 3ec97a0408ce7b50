"""What goes wrong between here and a database is tried again, then told plainly; nothing half-loaded stays."""

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from pipelines.engine.home import Home
from pipelines.engine.night import Night
from tests.connect import servers
from tests.connect.conftest import COLUMNS, FIRST, Database, Shop
from tests.connect.proxy import Proxy

ORDER: dict[str, Any] = {"relation": "orders", "mode": "snapshot", "key": ["order_no"], "columns": COLUMNS}
PASSWORD = "Tr0ub4dor&3/ü"
SPELLED = "Tr0ub4dor%263%2F%C3%BC"
SERVERS = pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)


@pytest.fixture
def orders(shop: Shop, database: Database) -> Database:
    """Enough rows that a fetch needs many packets."""
    shop.tables = {"order": ORDER}
    database.run(
        "drop table if exists orders;\n"
        "create table orders (order_no bigint, msisdn varchar(20), amount decimal(18,2), updated_at timestamp null);\n"
    )
    if database.kind == "postgresql":
        database.run(
            "insert into orders select n, '138' || n, n / 7.0, '2026-01-05' from generate_series(1, 50000) n;\n"
        )
    else:
        database.run("insert into orders select seq, concat('138', seq), seq / 7, '2026-01-05' from seq_1_to_50000;\n")
    return database


def through(proxy: Proxy, database: Database, login: str | None = None) -> str:
    user = login or ("postgres" if database.kind == "postgresql" else "root")
    return f"{database.kind}://{user}@127.0.0.1:{proxy.port}/{database.name}"


def address(database: Database) -> tuple[str, int]:
    return servers.POSTGRESQL if database.kind == "postgresql" else servers.MARIADB


@SERVERS
@pytest.mark.parametrize(("fault", "after"), [("reset", 0), ("reset", 500_000), ("stall", 500_000)])
def test_a_fault_that_passes_costs_no_row(
    fault: str, after: int, shop: Shop, orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Proxy(address(orders)) as proxy:
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", through(proxy, orders))
        proxy.fail(fault, after=after, times=1 if orders.kind == "postgresql" else 2)

        assert shop.fetch(patience=shop.patience(answer_seconds=3)) == []
        assert proxy.opened > 1
    assert shop.landed(columns="count(*), count(distinct order_no)") == [(50_000, 50_000)]


@SERVERS
@pytest.mark.parametrize("fault", ["reset", "stall"])
def test_a_fault_that_stays_is_told_and_leaves_nothing(
    fault: str, shop: Shop, orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Proxy(address(orders)) as proxy:
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", through(proxy, orders))
        proxy.fail(fault, after=500_000)
        (missed,) = shop.fetch(patience=shop.patience(answer_seconds=2, tries=2))

    said = f"shop.order was not fetched from {orders.kind} at 127.0.0.1:{proxy.port} (connection 'shop'): "
    assert missed.message.startswith(said) and "(tried 2 times)" in missed.message
    assert list(shop.landing.iterdir()) == [] and not list(shop.home.spill.rglob("*.parquet"))


def test_a_server_that_refuses_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", f"postgresql://reader@127.0.0.1:{free.getsockname()[1]}/shop")
        shop.tables = {"order": ORDER}
        (missed,) = shop.fetch()

    assert "Connection refused" in missed.message and "(tried 3 times)" in missed.message


@SERVERS
def test_a_table_that_is_replaced_meanwhile_is_read_at_the_next_try(shop: Shop, orders: Database) -> None:
    orders.run("alter table orders rename to kept;\n")
    back = threading.Timer(1.5, orders.run, ["alter table kept rename to orders;\n"])
    back.start()
    try:
        assert shop.fetch(patience=shop.patience(pause_seconds=1, tries=4)) == []
    finally:
        back.join()


@SERVERS
def test_a_dropped_table_is_told_and_the_others_are_fetched(shop: Shop, orders: Database) -> None:
    shop.tables = {"gone": ORDER | {"relation": "gone", "blocking": True}, "order": ORDER}
    (missed,) = shop.fetch()

    assert (missed.where, missed.blocking) == ("shop.gone", True)
    assert "gone" in missed.message.split("): ")[1]
    assert shop.landed(columns="count(*)") == [(50_000,)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_state_without_its_delivery_counts_for_nothing(shop: Shop, database: Database) -> None:
    """As after a crash between the two: the next fetch brings the same rows."""
    shop.tables = {"order": ORDER}
    database.run(
        "drop table if exists orders;\n"
        "create table orders (order_no bigint, msisdn varchar(20), amount decimal(18,2), updated_at timestamp null);\n"
        "insert into orders values (1, '138', 1, '2026-01-05 10:00:00');\n"
    )
    assert shop.fetch() == []
    (shop.landing / "order_20260105.r0.manifest.json").unlink()
    assert shop.fetch() == []

    assert shop.landed(columns="order_no::bigint") == [(1,)]


@SERVERS
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("failing", [False, True])
def test_a_password_is_nowhere_after_a_night(
    failing: bool, shop: Shop, orders: Database, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    """Everything the night wrote or printed is searched; the positive control is a file that holds the password."""
    name = f"{orders.name}_reader"[:30]
    if orders.kind == "postgresql":
        orders.run(f"create role {name} login password '{PASSWORD}';\ngrant select on orders to {name};\n")
    else:
        orders.run(f"create user {name} identified by '{PASSWORD}';\ngrant select on *.* to {name};\n")
    try:
        with Proxy(address(orders)) as proxy:
            monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", through(proxy, orders, f"{name}:{SPELLED}"))
            if failing:
                proxy.fail("reset")
            failures = run_night(shop)
    finally:
        orders.run(
            f"drop owned by {name};\ndrop role {name};\n" if orders.kind == "postgresql" else f"drop user {name};\n"
        )

    assert found(repr(failures)) == []
    assert [failure.rule for failure in failures if failure.where == "shop.order"][:1] == (["fetch"] if failing else [])
    printed = capfd.readouterr()
    assert found(printed.out + printed.err) == [] and searched(shop.home.root) == []
    (tmp_path / "home" / "planted.json").write_text(json.dumps({"url": through(proxy, orders, f"{name}:{SPELLED}")}))
    assert searched(shop.home.root) == ["planted.json"]


def run_night(shop: Shop) -> list[Any]:
    """A night of a project that has only the shop, up to its audit."""
    assert shop.systems
    sources = shop.home.root / "sources"
    project = shop.home.root.parent / "project"
    (project / "pipelines" / "core").mkdir(parents=True)
    (project / "pipelines" / "sources").symlink_to(sources)
    with Night(Home(shop.home.root), FIRST, FIRST, project=project) as night:
        night.ingest()
        failures = list(night.failures)
        night.end("failed", None)
    return failures


def found(text: str) -> list[str]:
    return [word for word in (PASSWORD, SPELLED) if word in text]


def searched(root: Path) -> list[str]:
    """Names of the files that hold the password in any spelling."""
    words = [word.encode() for word in (PASSWORD, SPELLED, json.dumps(PASSWORD)[1:-1])]
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]
