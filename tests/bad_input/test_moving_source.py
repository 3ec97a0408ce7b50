"""A database that changes while it is read."""

import sqlite3
from pathlib import Path

from pipelines.engine.connect.dialect import BATCH_ROWS
from pipelines.engine.connect.sqlite import SQLite
from pipelines.engine.secrets import Connection

ROWS = 3 * BATCH_ROWS


def test_75_rows_that_come_and_go_while_a_database_is_read_change_nothing_of_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as writer:
        writer.execute("pragma journal_mode = wal")  # lets others write while one reads
        writer.execute("create table note (no integer, text text)")
        writer.executemany("insert into note values (?, 'before')", [(n,) for n in range(ROWS)])

    session = SQLite(Connection("shop", f"sqlite://{path}"), connect_seconds=5)
    source = session.relation("note")
    assert [name for name, _ in session.describe(source)] == ["no", "text"]
    batches = session.read(source, {"no": "any", "text": "any"}, None, ())
    found = [next(batches), next(batches)]  # the columns, and the first rows
    with sqlite3.connect(path) as writer:
        writer.execute("delete from note where no % 2 = 1")
        writer.execute("update note set text = 'after'")
        writer.execute("insert into note values (-1, 'after')")
    found += batches

    assert [row["no"] for batch in found for row in batch.to_pylist()] == [str(n) for n in range(ROWS)]
    assert {row["text"] for batch in found for row in batch.to_pylist()} == {"before"}
    with sqlite3.connect(path) as reader:  # the positive control: the table did change
        assert reader.execute("select count(*) from note where text = 'after'").fetchone() == (ROWS // 2 + 1,)
