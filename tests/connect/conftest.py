"""Scratch databases on real servers, and a small installation whose system `shop` is fetched from one of them."""

import uuid
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.engine.connect.fetch import Missed, fetch
from pipelines.engine.connect.patience import Patience
from pipelines.engine.contract import System, load_contract
from pipelines.engine.home import Home, operator
from pipelines.engine.ingest import IngestReport, ingest
from pipelines.engine.ledger import Ledger
from tests.connect import servers

FIRST = date(2026, 1, 5)
QUICK = Patience(tries=3, pause_seconds=0.05, connect_seconds=5, answer_seconds=20)
COLUMNS: dict[str, Any] = {
    "order_no": {"type": "bigint", "required": True},
    "msisdn": {"type": "varchar", "key": "msisdn", "required": True},
    "amount": {"type": "decimal(18,2)"},
    "updated_at": {"type": "timestamp", "required": True},
}


@dataclass
class Shop:
    """A home with one system, what was fetched into it, and what the lake then holds."""

    home: Home
    tables: dict[str, Any] = field(default_factory=dict)
    connector: str = "database"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def systems(self) -> dict[str, System]:
        path = self.home.root / "sources" / "shop" / "defs.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        attributes = {
            "title": "Shop", "owner": "shop", "connector": self.connector, "connection": "shop", "tables": self.tables,
        } | self.extra  # fmt: skip
        content = {"type": "pipelines.engine.SourceSystem", "attributes": attributes}
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return {"shop": load_contract(path)}

    @property
    def landing(self) -> Path:
        return self.home.landing / "shop"

    def fetch(self, day: date = FIRST, *, hour: int = 3, **options: Any) -> list[Missed]:
        """As a night that begins at 03:00 UTC after its day, an hour after all it may know."""
        now = datetime(day.year, day.month, day.day + 1, hour)
        return fetch(self.home, self.systems, day, patience=options.pop("patience", QUICK), now=now, **options)

    def ingest(self, day: date = FIRST) -> IngestReport:
        return ingest(self.home, self.systems, as_of=day, not_before=day, run_id="run")

    def night(self, day: date = FIRST) -> IngestReport:
        assert [one.message for one in self.fetch(day)] == []
        return self.ingest(day)

    def night_of(self, day: date = FIRST, **patience: Any) -> IngestReport:
        """A night of a given patience."""
        assert [one.message for one in self.fetch(day, patience=self.patience(**patience))] == []
        return self.ingest(day)

    @staticmethod
    def patience(**changed: Any) -> Patience:
        return QUICK.model_copy(update=changed)

    def landed(
        self, table: str = "order", day: date = FIRST, columns: str = "*", redo: int = 0
    ) -> list[tuple[Any, ...]]:
        """Rows of a delivery as they lie in the landing folder."""
        path = self.landing / f"{table}_{day:%Y%m%d}.r{redo}.parquet"
        return duckdb.sql(f"select {columns} from '{path}'").fetchall()

    def lake(self, columns: str, table: str = "order") -> list[tuple[Any, ...]]:
        entries = [entry for entry in Ledger(self.home.lake).deliveries() if entry.table == table]
        parts = [str(self.home.lake / part.path) for entry in entries for part in entry.parts]
        query = f"select {columns} from read_parquet({parts}, hive_partitioning = false) order by delivery_id, row_no"
        return duckdb.sql(query).fetchall() if parts else []


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("BASSLINE_SECRETS", str(tmp_path / "secrets.yaml"))
    return Shop(Home(tmp_path / "home").prepared())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nights are as impatient as the tests."""
    impatient = operator().model_copy(update={"fetch": QUICK})
    monkeypatch.setattr("pipelines.engine.connect.fetch.operator", lambda: impatient)


@pytest.fixture(scope="session")
def postgresql() -> Generator[str]:
    """The name of a database that is dropped afterwards."""
    servers.need(servers.POSTGRESQL, "postgresql", servers.start_postgresql)
    name = f"bassline_{uuid.uuid4().hex[:12]}"
    servers.postgresql(f"create database {name}")
    yield name
    servers.postgresql(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def mariadb() -> Generator[str]:
    servers.need(servers.MARIADB, "mariadb-server", servers.start_mariadb)
    name = f"bassline_{uuid.uuid4().hex[:12]}"
    servers.mariadb(f"create database {name}")
    yield name
    servers.mariadb(f"drop database {name}")


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def database(
    request: pytest.FixtureRequest, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Generator["Database"]:
    """One test, three databases: the connection `shop` leads to an empty one."""
    match request.param:
        case "sqlite":
            found = Database("sqlite", str(tmp_path / "shop.db"))
            found.run("create table unused (x int)")
            url = f"sqlite://{found.name}"
        case kind:
            found = Database(kind, request.getfixturevalue(kind))
            host, port = servers.POSTGRESQL if kind == "postgresql" else servers.MARIADB
            user = "postgres" if kind == "postgresql" else "root"
            url = f"{kind}://{user}@{host}:{port}/{found.name}"
    monkeypatch.setenv("BASSLINE_CONNECTION_SHOP", url)
    yield found
    if found.kind == "postgresql":
        found.run("drop schema public cascade;\ncreate schema public;\ngrant usage on schema public to public;\n")
    elif found.kind == "mariadb":
        servers.mariadb(f"drop database {found.name};\ncreate database {found.name};\n")


@dataclass(frozen=True)
class Database:
    kind: str
    name: str

    def run(self, sql: str) -> None:
        """Statements that end in a semicolon at the end of a line; quotes are those of standard SQL."""
        if self.kind == "postgresql":
            servers.postgresql(sql, self.name)
        elif self.kind == "mariadb":
            servers.mariadb(f"set sql_mode = 'ansi_quotes';\n{sql}", self.name)
        else:
            import sqlite3

            with sqlite3.connect(self.name) as db:
                db.executescript(sql)
