"""All tables of a system are of one moment, however much is written while they are read."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from pipelines.engine.connect.database import fetch_tables
from pipelines.engine.connect.fetch import Cut
from pipelines.engine.home import operator
from pipelines.engine.secrets import connection
from tests.connect import servers
from tests.connect.conftest import FIRST, QUICK, Database, Shop

TABLES = ("account", "filler", "transfer")  # fetched in this order
SERVERS = pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)


def of_three_tables(shop: Shop, database: Database) -> None:
    for name in TABLES:
        database.run(f"create table {name} (no bigint primary key, balance bigint);\n")
        columns = {"no": {"type": "bigint"}, "balance": {"type": "bigint"}}
        shop.tables[name] = {"relation": name, "mode": "snapshot", "key": ["no"], "columns": columns}
    database.run("insert into account values (0, 0);\n")
    database.run(f"insert into filler values {', '.join(f'({n}, {n})' for n in range(50_000))};\n")


@contextmanager
def transferring(database: Database) -> Generator[list[int]]:
    """One transaction after the other: a transfer is noted and the account says how many there are."""
    done: list[int] = []
    ends = Event()

    def write() -> None:
        begin = "start transaction" if database.kind == "mariadb" else "begin"
        run = servers.session(database.kind, database.name)
        while not ends.is_set():
            number = len(done) + 1
            for statement in (
                begin, f"insert into transfer values ({number}, 1)", f"update account set balance = {number}", "commit",
            ):  # fmt: skip
                run(statement)
            done.append(number)

    writer = Thread(target=write)
    writer.start()
    try:
        yield done
    finally:
        ends.set()
        writer.join()


@SERVERS
def test_tables_are_of_one_moment_while_others_write(shop: Shop, database: Database) -> None:
    of_three_tables(shop, database)
    seen: list[int] = []
    with transferring(database) as done:
        while len(done) < 3:
            pass
        (system,) = shop.systems.values()
        cut = Cut(FIRST, operator().known_at(FIRST), operator().known_at(FIRST))
        for table, error in fetch_tables(shop.home, system, connection("shop"), {}, cut, QUICK):
            assert (table.name, error) == (TABLES[len(seen)], None)
            seen.append(len(done))

    ((balance,),) = shop.landed("account", columns="balance")
    transfers = shop.landed("transfer", columns="no")
    assert sorted(transfers) == [(n,) for n in range(1, balance + 1)]
    assert 3 <= balance <= seen[0] < seen[1] < seen[2] < len(done) + 1  # what was written meanwhile is in none of them


@SERVERS
def test_the_next_fetch_is_of_a_later_moment(shop: Shop, database: Database) -> None:
    of_three_tables(shop, database)
    shop.night()
    database.run("insert into transfer values (1, 1);\nupdate account set balance = 1;\n")
    shop.night(FIRST.replace(day=6))

    assert shop.landed("account", FIRST.replace(day=6), "balance") == [(1,)]
    assert shop.landed("transfer", FIRST.replace(day=6), "no") == [(1,)]
