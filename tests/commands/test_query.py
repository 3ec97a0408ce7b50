"""`bassline query` answers from the published file and can do nothing else."""

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.engine.home import Home
from pipelines.engine.sandbox import Refused, reading, select


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A published run of one table with one Parquet part, and a secret beside it."""
    run = tmp_path / "published" / "2026-01-05-001"
    (run / "parts").mkdir(parents=True)
    part = run / "parts" / "all.parquet"
    duckdb.execute(f"copy (select 'zh' as word, -1.50::decimal(18,2) as paid_amt) to '{part}' (format parquet)")
    with duckdb.connect(run / "bassline.duckdb") as connection:
        connection.execute("create schema core")
        connection.execute(f"create view core.payment as from read_parquet('{part}')")
        connection.execute("create table as_of as select date '2026-01-05' as as_of")
    (tmp_path / "published" / "current").symlink_to(run.name)
    (tmp_path / "vault.csv").write_text("name\nZhang\n")
    return Home(tmp_path)


def run(home: Home, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words, "--home", str(home.root)])
    return result.exit_code, result.output


def test_a_query_is_answered_in_columns(home: Home) -> None:
    assert run(home, "query", "from core.payment") == (0, "word  paid_amt\n----  --------\nzh       -1.50\n")


def test_machines_get_json_and_csv(home: Home) -> None:
    assert json.loads(run(home, "query", "from core.payment", "-f", "json")[1]) == [{"word": "zh", "paid_amt": -1.5}]
    assert run(home, "query", "select '=1+1' as word, -2 as n", "-f", "csv")[1] == "word,n\n'=1+1,-2\n"


@pytest.mark.parametrize(
    "attack",
    [
        "select * from read_csv('{root}/vault.csv')",
        "select * from read_text('/etc/passwd')",
        "copy (select 1) to '{root}/published/current/parts/all.parquet'",
        "attach '{root}/warehouse.duckdb' as w",
        "set enable_external_access = true",
        "create table t (a int)",
        "delete from as_of",
        "install httpfs",
        "select 1; select 2",
        "not sql",
    ],
)
def test_a_query_reaches_nothing_else_and_changes_nothing(home: Home, attack: str) -> None:
    code, output = run(home, "query", attack.format(root=home.root))

    assert code == 2
    assert output.startswith("bassline: ")
    assert "Traceback" not in output


def test_a_query_without_end_is_stopped(home: Home) -> None:
    endless = (
        "select count(*) from range(1000000) a, range(1000000) b, range(1000000) c where hash(a.range, b.range) = 1"
    )

    with pytest.raises(Refused, match=r"took longer than 0\.2 s"), reading(home, seconds=0.2) as connection:
        select(connection, endless)


def test_before_the_first_night_the_way_to_it_is_told(tmp_path: Path) -> None:
    code, output = run(Home(tmp_path), "query", "select 1")

    assert code == 1
    assert "nothing is published yet; `bassline night` closes the open days" in output


def test_an_export_is_one_file_with_all_rows(home: Home, tmp_path: Path) -> None:
    target = tmp_path / "out.duckdb"

    assert run(home, "export", "--to", str(target)) == (0, f"{target}: 2 tables, 2 rows\n")
    with duckdb.connect(target, read_only=True) as connection:
        assert connection.execute("select word from core.payment").fetchall() == [("zh",)]
    assert run(home, "export", "--to", str(target))[0] == 2
