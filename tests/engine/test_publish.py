"""What analysts open is written once: parts of days, of settled months, and links to both."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.engine import ops
from pipelines.engine.home import Home
from pipelines.engine.publish import Publisher
from pipelines.engine.table import make_table

FIRST, LAST = date(2026, 1, 30), date(2026, 5, 10)
HEADER = {
    "description": "Toy.", "grain": ["day", "line_key"], "refresh": "day", "partition": "day", "scope": "line_key",
    "columns": {"day": "date - d", "line_key": "bigint - l", "amount": "bigint - a"}, "public": True,
}  # fmt: skip
TABLE = make_table("mart_toy.line_day", HEADER, "select day, line_key, amount from core.none", Path("line_day.sql"))


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two lines a day from the end of January to May."""
    with duckdb.connect() as connection:
        ops.prepare(connection)
        connection.execute(
            f"""create schema mart_toy; create table mart_toy.line_day as
            select day::date as day, line_key, 5::bigint as amount
            from generate_series(date '{FIRST}', date '{LAST}', interval 1 day) as d (day), range(2) as l (line_key)"""
        )
        yield connection


def publish(home: Home, connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, int]:
    """Publish as a night does; the parts with their inodes."""
    run = f"{day}-001"
    publisher = Publisher(home, connection, {TABLE.name: TABLE}, run, day)
    publisher.publish()
    publisher.close()
    publisher.keep_stale(connection)
    ops.forget_run(connection)
    connection.execute(f"insert into ops.run (run_id, to_day, status) values ('{run}', date '{day}', 'published')")
    folder = home.published / run / "parts" / TABLE.name
    with duckdb.connect(home.current, read_only=True) as published:
        assert published.execute("from mart_toy.line_day order by all").fetchall() == (
            connection.execute("from mart_toy.line_day order by all").fetchall()
        )
    return {part.name: part.stat().st_ino for part in folder.iterdir()}


def test_a_settled_month_is_one_part_and_the_oldest_and_the_newest_are_parts_of_days(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    parts = publish(Home(tmp_path).prepared(), warehouse, LAST)

    april_and_may = [f"{date(2026, 4, 1) + timedelta(days=n)}_0.parquet" for n in range(40)]
    march = [f"{date(2026, 3, 1) + timedelta(days=n)}_0.parquet" for n in range(31)]
    assert sorted(parts) == [
        "2026-01-30_0.parquet",
        "2026-01-31_0.parquet",
        "2026-02_0.parquet",
        *march,
        *april_and_may,
    ]


def test_only_parts_with_rewritten_days_are_written_again(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    home, changed = Home(tmp_path).prepared(), (date(2026, 2, 3), date(2026, 5, 1))
    before = publish(home, warehouse, LAST)
    for day in changed:
        warehouse.execute(f"update mart_toy.line_day set amount = 9 where day = date '{day}'")
        warehouse.execute(f"insert into run.rewritten values ('{TABLE.name}', date '{day}')")

    after = publish(home, warehouse, LAST + timedelta(days=1))

    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"2026-02_0.parquet", "2026-05-01_0.parquet"}


def test_of_a_month_that_is_not_kept_whole_the_days_become_parts(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    home = Home(tmp_path).prepared()
    before = publish(home, warehouse, LAST)
    warehouse.execute("delete from mart_toy.line_day where day < date '2026-02-26'")

    after = publish(home, warehouse, LAST + timedelta(days=1))

    assert sorted(after.keys() - before.keys()) == [f"2026-02-{day}_0.parquet" for day in (26, 27, 28)]
    assert "2026-02_0.parquet" not in after


def test_stale_keys_of_a_day_that_settles_are_written_into_its_part(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    home, day = Home(tmp_path).prepared(), date(2026, 3, 28)
    warehouse.execute(
        "insert into mart_toy.line_day select date '2026-03-28', 10 + line, 1 from range(100) as r (line)"
    )
    publish(home, warehouse, LAST)
    warehouse.execute(f"update mart_toy.line_day set amount = 9 where day = date '{day}' and line_key = 12")
    warehouse.execute(f"insert into run.restated values ('{TABLE.name}', date '{day}', 12)")

    restated = publish(home, warehouse, LAST + timedelta(days=1))
    settled = publish(home, warehouse, LAST + timedelta(days=3))

    assert {"stale.parquet", "restated.parquet"} <= restated.keys()
    assert not {"stale.parquet", "restated.parquet"} & settled.keys()


def test_what_was_written_ahead_of_a_run_that_is_not_published_goes(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    home = Home(tmp_path).prepared()
    publisher = Publisher(home, warehouse, {TABLE.name: TABLE}, "2026-05-10-001", LAST)

    publisher.write_ahead([TABLE])
    assert "2026-05-10_0.parquet" in publisher.queries[TABLE.name].result()
    publisher.close()

    assert list(home.published.iterdir()) == []


def test_a_table_built_whole_is_a_link_until_its_content_or_definition_changes(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    header = {name: HEADER[name] for name in ("description", "grain", "columns", "public")}
    whole = make_table("mart_toy.line_day", header, TABLE.sql, Path("line_day.sql"))
    home, inodes = Home(tmp_path).prepared(), []
    for number, content in enumerate((7, 7, 8)):
        run = f"{LAST + timedelta(days=number)}-001"
        warehouse.execute("delete from ops.table_state")
        warehouse.execute(f"insert into ops.table_state values ('{whole.name}', 202, {content}, 'abc')")
        publisher = Publisher(home, warehouse, {whole.name: whole}, run, LAST)
        publisher.publish()
        publisher.close()
        warehouse.execute(f"insert into ops.run (run_id, to_day, status) values ('{run}', date '{LAST}', 'published')")
        (part,) = (home.published / run / "parts" / whole.name).iterdir()
        inodes.append((part.name, part.stat().st_ino))

    assert inodes[0] == inodes[1]
    assert [name for name, _ in inodes] == ["7-abc.parquet", "7-abc.parquet", "8-abc.parquet"]


@pytest.mark.parametrize("step", ["write_parts", "write_views"])
def test_publishing_that_failed_is_tried_again(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    home = Home(tmp_path).prepared()
    publisher = Publisher(home, warehouse, {TABLE.name: TABLE}, f"{LAST}-001", LAST)
    done = getattr(Publisher, step)

    def broken(self: Publisher, *told: object) -> None:
        done(self, *told)
        raise OSError("No space left on device")

    with monkeypatch.context() as failing, pytest.raises(OSError, match="No space left"):
        failing.setattr(Publisher, step, broken)
        publisher.publish()
    assert not home.current.exists()

    assert publisher.publish() == home.current
    publisher.close()
    with duckdb.connect(home.current, read_only=True) as published:
        assert published.execute("select count(*) from mart_toy.line_day").fetchall() == [(202,)]
