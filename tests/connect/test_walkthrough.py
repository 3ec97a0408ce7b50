"""The three sources of README.md, added as it says: a database, a bucket and a workbook, with YAML and SQL only."""

import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.home import PROJECT, operator
from tests.connect import servers
from tests.connect.stores import s3_server
from tests.readme import README

SECTION = re.search(r"^## Three more sources\n(.*?)^## ", README.read_text(), re.MULTILINE | re.DOTALL)[1]
FILES = re.findall(r"`(pipelines/\S+)`:[^\n]*\n\n```(?:yaml|sql)\n(.*?)```", SECTION, re.DOTALL)
COMMANDS = re.findall(r"^bassline .*", SECTION, re.MULTILINE)
ANSWER = re.search(r"```text\n(.*?)```", SECTION, re.DOTALL)[1]
TODAY = datetime.now(UTC).astimezone(operator().zone).date()  # what lands now is known to the night of today

# The second night looks two hours back from the newest order of the first; what it sees again unchanged stays out.
ORDERS = """
drop table if exists orders;
create table orders (order_no bigint, msisdn text, partner_id text, amount numeric(10, 2), updated_at timestamptz);
insert into orders values
    (1001, '13800000001', 'P1', 17.50, now() - interval '5 hours'),
    (1002, '13800000002', 'P1', 49.00, now() - interval '4 hours'),
    (1003, '13800000001', 'P9', 5.00, now() - interval '1 hour');
"""
CHANGE = "update orders set amount = 19.90, updated_at = now() where order_no = 1001"
VISITS = [
    {"visit_id": "v1", "basket": {"order_no": 1001}, "pages": 4},
    {"visit_id": "v2", "basket": {"order_no": 1001}, "pages": 3},
    {"visit_id": "v3", "basket": {"order_no": 1003}, "pages": 3},
    {"visit_id": "v4", "pages": 1},
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project's folders with the files that the section shows."""
    root = tmp_path / "bassline"
    for folder in ("pipelines", "marts", "models", "quality"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in FILES:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    return root


def workbook(path: Path) -> None:
    import xlsxwriter

    path.parent.mkdir(parents=True)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Partners")
        for number, row in enumerate([("Partner", "Company"), ("P1", "Blue Door"), ("P2", "Corner Shop")]):
            sheet.write_row(number, 0, row)
    long_ago = path.stat().st_mtime - 60  # a file without manifest may still be growing just after it was written
    os.utime(path, (long_ago, long_ago))


def runner(checkout: Path, home: Path, connections: dict[str, str]) -> Callable[[str], str]:
    def run(command: str) -> str:
        words = shlex.split(command)[1:]
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *words, "--home", str(home)],
            cwd=checkout, env=os.environ | {"PYTHONPATH": str(checkout)} | connections, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_a_newcomer_adds_three_sources(checkout: Path, tmp_path: Path, postgresql: str) -> None:
    home = tmp_path / "data"
    servers.postgresql(ORDERS, postgresql)
    workbook(home / "landing" / "partners" / f"partner_{TODAY:%Y%m%d}.xlsx")
    with s3_server() as store:
        content = "\n".join(map(json.dumps, VISITS)).encode()
        store.put(f"visit_{TODAY:%Y%m%d}.jsonl.gz", gzip.compress(content))
        host, port = servers.POSTGRESQL
        run = runner(
            checkout, home,
            {
                "BASSLINE_CONNECTION_SHOP": f"postgresql://postgres@{host}:{port}/{postgresql}",
                "BASSLINE_CONNECTION_VISITS": store.url(),
            },
        )  # fmt: skip
        check, night, query = COMMANDS

        assert "2 rows" in run(check)
        run(f"{night} --day {TODAY}")
        assert "17.50" in run(query) and run(query) != ANSWER
        servers.postgresql(CHANGE, postgresql)
        run(f"{night} --day {TODAY + timedelta(days=1)}")
        assert run(query) == ANSWER
        landed = home / "landing" / "shop" / f"purchase_{TODAY + timedelta(days=1):%Y%m%d}.r0.parquet"
        assert duckdb.sql(f"select order_no from '{landed}' order by all").fetchall() == [(1001,)]
