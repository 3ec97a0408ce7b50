"""What a fetch remembers does not lead back to a person who was erased; of others it remembers what it did."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.engine.connect.state import open_file, states_of
from pipelines.engine.ledger import Ledger
from pipelines.engine.vault import Vault
from pipelines.engine.workbench import workbench
from pipelines.privacy import states
from tests.connect.conftest import Database, Shop

NEXT = date(2026, 1, 6)
ANN, BEN = "13812340001", "13812340002"
COLUMNS: dict[str, Any] = {
    "msisdn": {"type": "varchar", "key": "msisdn", "required": True},
    "day": {"type": "date"},
    "amount": {"type": "decimal(18,2)"},
    "updated_at": {"type": "timestamp"},
}
BY_NUMBER: dict[str, Any] = {"relation": "bills", "mode": "snapshot", "key": ["msisdn", "day"], "columns": COLUMNS}
BY_BILL = BY_NUMBER | {"key": ["no"], "columns": {"no": {"type": "bigint"}} | COLUMNS}
DELTA = BY_BILL | {"mode": "delta", "watermark": "updated_at", "overlap": "2 hours"}


@pytest.fixture
def bills(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Two bills of each; Ann's are long past, Ben's one is of the last hour."""
    database = Database("sqlite", str(tmp_path / "shop.db"))
    monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", f"sqlite://{database.name}")
    database.run("create table bills (no int, msisdn text, day text, amount text, updated_at text)")
    of_ann, of_ben = (f"'{number}'" for number in (ANN, BEN))
    database.run(
        f"""insert into bills values
        (1, {of_ann}, '2025-11-01', '1.10', '2025-11-01 10:00:00'),
        (2, {of_ben}, '2025-11-01', '2.20', '2025-11-01 10:00:00'),
        (3, {of_ann}, '2025-12-01', '3.30', '2025-12-01 10:00:00'),
        (4, {of_ben}, '2026-01-05', '4.40', '2026-01-05 10:00:00')"""
    )
    return database


def forget(shop: Shop, number: str) -> int:
    """As an erasure of a number does."""
    table = shop.systems["shop"].tables["bill"]
    parts = [str(shop.home.lake / part.path) for entry in Ledger(shop.home.lake).deliveries() for part in entry.parts]
    with workbench(shop.home) as bench:
        vault = Vault(bench, shop.home)
        try:
            return states.forget(shop.home, vault, table, parts, {"msisdn": {vault.keys_of(number)["msisdn"]}})
        finally:
            vault.close()


def remembered(shop: Shop) -> list[tuple[Any, ...]]:
    (sealed,) = states_of(shop.landing, "bill")
    plain = open_file(shop.home, sealed, shop.home.root / "plain.parquet")
    return duckdb.sql(f"from '{plain}' order by all").fetchall()


@pytest.mark.parametrize("table", [BY_NUMBER, BY_BILL])
def test_of_a_snapshot_the_rows_of_the_person_go(shop: Shop, bills: Database, table: dict[str, Any]) -> None:
    shop.tables = {"bill": table}
    shop.night()
    before = remembered(shop)
    assert (forget(shop, ANN), forget(shop, ANN)) == (2, 0)

    kept = remembered(shop)
    assert len(before) == 4 and len(kept) == 2 and set(kept) < set(before)
    assert ANN not in repr(kept)
    bills.run(
        f"""update bills set amount = '9.90' where no = 4; delete from bills where no = 2;
        delete from bills where msisdn = '{ANN}'"""
    )
    shop.fetch(NEXT)
    deleted = BEN if table is BY_NUMBER else None
    assert set(shop.landed("bill", NEXT, "msisdn, is_deleted")) == {(BEN, False), (deleted, True)}


def test_a_person_whom_the_database_still_has_is_brought_again_as_new(shop: Shop, bills: Database) -> None:
    """Which the night then does not take; else the state would have to know whom it must not bring."""
    shop.tables = {"bill": BY_BILL}
    shop.night()
    forget(shop, ANN)
    shop.fetch(NEXT)

    assert sorted(shop.landed("bill", NEXT, "no::int, msisdn, is_deleted")) == [(1, ANN, False), (3, ANN, False)]


@pytest.mark.parametrize(("number", "gone"), [(ANN, 0), (BEN, 1)])
def test_around_a_watermark_no_hash_is_left_that_may_be_the_persons(
    shop: Shop,
    bills: Database,
    number: str,
    gone: int,
) -> None:
    shop.tables = {"bill": DELTA}
    shop.night()
    assert len(remembered(shop)) == 1
    assert forget(shop, number) == gone
    assert len(remembered(shop)) == 1 - gone

    bills.run("insert into bills values (5, '13812340003', '2026-01-06', '1', '2026-01-06 09:00:00')")
    shop.fetch(NEXT)
    assert sorted(shop.landed("bill", NEXT, "no::int")) == [(n,) for n in ((4, 5) if gone else (5,))]
