"""What an analyst types can read the published run and do nothing else: every known way out is tried."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.home import Home
from pipelines.engine.sandbox import Refused, bounded, reading, select

QUESTIONS = [
    "select word, count(*) from core.payment group by word order by word limit 5",
    "with recursive n as (select 1 as i union all select i + 1 from n where i < 100) select sum(i) from n",
    "select * from core.payment, unnest([1, 2]) as u(i) qualify row_number() over (order by word, i) = 1",
    "from range(3)",
    "summarize core.payment",
    "describe core.payment",
    "show all tables",
    "values (1), (2)",
    "select column_name, comment from duckdb_columns() where schema_name = 'core'",
    "from 'parts/all.parquet'",
]

ATTACKS = {
    "a file": "select * from read_csv('{root}/vault.csv')",
    "a file by its name": "select * from '{root}/vault.csv'",
    "a file of the system": "select * from read_text('/etc/passwd')",
    "a file as bytes": "select * from read_blob('/etc/passwd')",
    "a file as JSON": "select * from read_json_auto('{root}/vault.csv')",
    "a file as JSON lines": "select * from read_ndjson_objects('/etc/passwd')",
    "a file hidden in a subquery": "select (select content from read_text('{root}/vault.csv')) as x",
    "a file in a common table": "with x as (from read_text('{root}/vault.csv')) select * from x",
    "a file in a predicate": "select 1 where exists (from read_text('{root}/vault.csv'))",
    "a file through a schema": "from system.main.read_text('{root}/vault.csv')",
    "a file in other letters": "from \"READ_TEXT\"('{root}/vault.csv')",
    "a folder": "select * from glob('{root}/*')",
    "the folder above": "select * from read_text('{run}/../../vault.csv')",
    "the folder above by name": "select * from '{run}/../../vault.parquet'",
    "a link out of the folder": "select * from '{run}/link.parquet'",
    "Parquet elsewhere": "select * from read_parquet('{root}/vault.parquet')",
    "Parquet elsewhere by its old name": "select * from parquet_scan('{root}/vault.parquet')",
    "Parquet's metadata": "select * from parquet_metadata('{root}/vault.parquet')",
    "Parquet's schema": "select * from parquet_schema('{root}/vault.parquet')",
    "Parquet's keys and values": "select * from parquet_kv_metadata('{root}/vault.parquet')",
    "the dialect of a file": "select * from sniff_csv('{root}/vault.csv')",
    "another database": "attach '{root}/warehouse.duckdb' as w",
    "another database as a table": "from read_duckdb('{root}/warehouse.duckdb')",
    "the network": "select * from 'http://127.0.0.1:9/x.csv'",
    "an object store": "select * from read_parquet('s3://bucket/x.parquet')",
    "the environment": "select getenv('HOME')",
    "secrets": "from duckdb_secrets()",
    "settings": "from duckdb_settings()",
    "memory of the process": "from arrow_scan(1, 2, 3)",
    "an object of the process": "from pandas_scan(1)",
    "a text run as a query": "from query('select 1')",
    "a text named as a table": "from query_table('core.payment')",
    "a query as JSON": "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "a part overwritten": "copy (select 1) to '{run}/parts/all.parquet'",
    "a part overwritten by its plan": "explain analyze copy (select 1) to '{run}/parts/all.parquet'",
    "a file written beside": "copy (select 1) to '{run}/x.csv'",
    "an export": "export database '{run}/x'",
    "a log file": "from enable_logging(storage='file', storage_path='{run}/log')",
    "a log in a subquery": "select (select count(*) from enable_logging('QueryLog')) as x",
    "a profile": "from enable_profiling()",
    "a line in the log": "select write_log('x')",
    "a checkpoint": "from force_checkpoint()",
    "a table": "create table t (a int)",
    "a temporary table": "create temp table t (a int)",
    "a view": "create view v as select 1",
    "a macro": "create macro f() as table select 1",
    "a secret": "create secret s (type s3)",
    "a type, made by a pivot": "pivot core.payment on word using count(*)",
    "rows removed": "delete from as_of",
    "rows added": "insert into as_of values (null)",
    "rows changed": "update as_of set as_of = null",
    "rows changed in a common table": "with x as (delete from as_of returning *) select * from x",
    "a table dropped": "drop table as_of",
    "a comment": "comment on table as_of is 'x'",
    "an extension installed": "install httpfs",
    "an extension loaded": "load '{root}/x.duckdb_extension'",
    "access to files": "set enable_external_access = true",
    "the lock": "reset lock_configuration",
    "a variable": "set variable x = 1",
    "a pragma": "pragma enable_profiling",
    "a pragma with a value": "pragma memory_limit = '100GB'",
    "a call": "call enable_logging()",
    "a prepared statement": "prepare p as select 1",
    "a prepared statement run": "execute p",
    "a transaction": "begin",
    "a vacuum": "vacuum",
    "two statements": "select 1; select 2",
    "a statement behind a comment": "select 1 /* */; drop table as_of --",
    "a nap": "select sleep_ms(100000)",
    "nothing": "",
    "no SQL": "not sql",
    "a sum without end": "select " + "1 + " * 20_000 + "1",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A published run, and beside it what no reader may see."""
    root = tmp_path_factory.mktemp("sandbox")
    run = root / "published" / "2026-01-05-001"
    (run / "parts").mkdir(parents=True)
    part = run / "parts" / "all.parquet"
    duckdb.execute(f"copy (select 'zh' as word, -1.50::decimal(18,2) as paid_amt) to '{part}' (format parquet)")
    duckdb.execute(f"copy (select 'Zhang' as name) to '{root}/vault.parquet' (format parquet)")
    with duckdb.connect(run / "bassline.duckdb") as connection:
        connection.execute(f"create schema core; create view core.payment as from read_parquet('{part}')")
        connection.execute("create table as_of as select date '2026-01-05' as as_of")
    duckdb.connect(root / "warehouse.duckdb").close()
    (run / "link.parquet").symlink_to(root / "vault.parquet")
    (root / "vault.csv").write_text("name\nZhang\n")
    (root / "published" / "current").symlink_to(run.name)
    return Home(root)


@pytest.fixture
def connection(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with reading(home, seconds=20, memory="200MB") as connection:
        yield connection


def contents(home: Home) -> dict[str, str]:
    files = (path for path in home.root.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered(home: Home, connection: duckdb.DuckDBPyConnection, question: str) -> None:
    run = home.current.resolve().parent
    assert select(connection, question.replace("'parts/", f"'{run}/parts/")).fetchall()


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_else_is_reached_or_changed(home: Home, connection: duckdb.DuckDBPyConnection, attack: str) -> None:
    before = contents(home)
    with pytest.raises(Refused) as refusal:
        select(connection, ATTACKS[attack].format(root=home.root, run=home.current.resolve().parent)).fetchall()

    assert "Zhang" not in str(refusal.value)
    assert contents(home) == before
    assert select(connection, "select count(*) from core.payment").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "endless",
    [
        "select count(*) from range(1000000) a, range(1000000) b, range(1000000) c where hash(a.range, b.range) = 1",
        "with recursive n as (select 1 as i union all select i + 1 from n) select max(i) from n",
        "select max(length(repeat('x', 10000 + (i % 7)::int))) from range(100000000000) as t(i)",
    ],
)
def test_a_query_without_end_is_stopped(home: Home, endless: str) -> None:
    with pytest.raises(Refused, match=r"took longer than 0\.3 s"), reading(home, seconds=0.3) as connection:
        select(connection, endless).fetchall()


def test_the_end_comes_also_for_the_second_of_two_queries(home: Home) -> None:
    """The interrupt that found nothing to stop is not the last one."""
    with pytest.raises(Refused, match="took longer"), reading(home, seconds=0.2) as connection:
        select(connection, "select 1").fetchall()
        threading.Event().wait(0.4)
        select(connection, "select count(*) from range(1000000) a, range(1000000) b where hash(a.range, b.range) = 1")


def test_a_query_that_takes_too_much_memory_is_refused(home: Home) -> None:
    greedy = "select list(i order by hash(i)) from range(12000000) as t(i)"
    with pytest.raises(Refused, match="needs more than 50MB"), reading(home, seconds=60, memory="50MB") as connection:
        select(connection, greedy).fetchall()


def test_memory_that_duckdb_does_not_count_is_bounded_too(home: Home) -> None:
    """Texts made by a function are not part of its memory limit: only the operating system bounds them."""
    greedy = "select max(length(repeat('x', 10000000 + (i % 7)::int))) from range(2048) as t(i)"
    with pytest.raises(Refused, match="needs more than"), bounded(1 << 30), reading(home) as connection:
        select(connection, greedy).fetchall()


def test_no_file_is_left_behind(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with reading(home) as connection:
        select(connection, "select count(*) from core.payment").fetchall()
    assert list(tmp_path.iterdir()) == []
