"""Two nights started at once: the second refuses with a clear message, the first publishes as if it had been alone."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.engine.home import PROJECT, Home
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

DAY = date(2026, 2, 28)
BUSY = 75


@dataclass(frozen=True)
class Outcome:
    """Two processes and what each said; the first to end is the one that was refused."""

    home: Home
    refused: tuple[int, str]
    finished: tuple[int, str]
    holder: int


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    home = Home(tmp_path_factory.mktemp("two"))
    synthesise(Settings(subscribers=200, days=2, end=DAY, seed=5, faults="none", out=home.root))
    both = [night(home.root), night(home.root)]
    while (first := next((one for one in both if one.poll() is not None), None)) is None:
        time.sleep(0.05)
    (other,) = (one for one in both if one is not first)
    refused, finished = first.communicate()[1], other.communicate(timeout=300)[1]
    return Outcome(home, (first.returncode, refused), (other.returncode, finished), other.pid)


def night(root: Path) -> subprocess.Popen[str]:
    words = ["night", "--from", "2026-02-27", "--to", "2026-02-28", "--quiet", "--home", str(root)]
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *words], cwd=PROJECT, stderr=subprocess.PIPE, text=True
    )


def test_the_second_asks_to_try_again_and_names_the_holder(outcome: Outcome) -> None:
    code, message = outcome.refused

    assert code == BUSY
    assert "another process writes this warehouse" in message
    assert f'"pid": {outcome.holder}' in message
    assert "night 2026-02-27 to 2026-02-28" in message
    assert "Traceback" not in message


def test_the_first_publishes(outcome: Outcome) -> None:
    assert outcome.finished == (0, "")
    with duckdb.connect(outcome.home.current.resolve(), read_only=True) as db:
        assert db.execute("select as_of from as_of").fetchall() == [(DAY,)]


def test_nothing_was_harmed(outcome: Outcome) -> None:
    """One run, every delivery once, no broken-off state, no lock left."""
    with duckdb.connect(outcome.home.warehouse, read_only=True) as db:
        assert db.execute("select run_id, status from ops.run").fetchall() == [("2026-02-28-001", "published")]
        twice = "select system, table_name, data_date, redo from ops.delivery group by all having count(*) > 1"
        assert db.execute(twice).fetchall() == []
    assert json.loads((outcome.home.root / "night.json").read_text())["status"] == "published"
    assert (outcome.home.root / "night.lock").read_text() == ""
