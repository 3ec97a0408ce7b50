"""A crash in mid-night loses nothing and doubles nothing: after a restart the night completes by itself, once."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import psutil
import pytest

from pipelines.engine.home import PROJECT, Home
from pipelines.engine.night import run_nights
from pipelines.engine.status import is_running
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 3)
PATIENCE = 300


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("operator")
    synthesise(Settings(subscribers=300, days=3, end=LAST, out=out))
    return out


@pytest.fixture(scope="module")
def undisturbed(deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Content hashes of the same night without a crash."""
    home = home_with(deliveries, tmp_path_factory.mktemp("twin"))
    assert run_nights(home, FIRST, LAST).status == "published"
    return hashes(home)


def home_with(deliveries: Path, root: Path) -> Home:
    (root / "landing").symlink_to(deliveries / "landing")
    return Home(root).prepared()


def hashes(home: Home) -> dict[str, str]:
    """Content hash of every table as last recorded, and that exactly one run published."""
    with duckdb.connect(home.warehouse, read_only=True) as connection:
        published = connection.execute("select run_id from ops.run where status = 'published'").fetchall()
        assert len(published) == 1
        found = connection.execute(
            "select table_name, hash(row_count, content_hash)::varchar from ops.table_state order by all"
        ).fetchall()
    return dict(found)


def wait_for(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.2)


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and to all it started, as if the machine had lost its power."""
    for victim in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.send_signal(signal.SIGKILL)
    process.wait()


def tables_begun(home: Home) -> bool:
    """True once the night is past ingest: the ledger has a segment and the warehouse has grown by its first tables."""
    wal = home.warehouse.with_name(home.warehouse.name + ".wal")
    size = sum(path.stat().st_size for path in (home.warehouse, wal) if path.exists())
    return any((home.lake / "ledger").glob("*.jsonl")) and size > 2_000_000


def test_a_killed_command_completes_when_it_is_run_again(
    deliveries: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    home = home_with(deliveries, tmp_path)
    words = [sys.executable, "-m", "pipelines.cli", "night", "--from", str(FIRST), "--to", str(LAST), "--quiet"]
    night = subprocess.Popen([*words, "--home", str(home.root)], cwd=PROJECT)
    wait_for(lambda: tables_begun(home))
    kill_tree(night)
    assert not home.current.exists()

    again = subprocess.run([*words, "--home", str(home.root)], cwd=PROJECT, check=False)

    assert again.returncode == 0
    assert hashes(home) == undisturbed


@contextlib.contextmanager
def daemon(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """Dagster's daemon and its code server, with the project's own dagster.yaml."""
    log = (home.root / "daemon.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster._daemon", "run", "-m", "pipelines.definitions"],
        cwd=PROJECT, env=environment(home), stdout=log, stderr=log,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            kill_tree(process)
        log.close()


def environment(home: Home) -> dict[str, str]:
    return {**os.environ, "BASSLINE_HOME": str(home.root), "DAGSTER_HOME": str(home.dagster)}


def launch(home: Home) -> None:
    """Put a night into the queue. The daemon starts later: two processes making Dagster's storage at once collide."""
    (home.dagster / "dagster.yaml").symlink_to(PROJECT / "dagster.yaml")
    config = {"resources": {"night": {"config": {"from_day": str(FIRST), "to_day": str(LAST)}}}}
    launched = subprocess.run(
        [sys.executable, "-m", "dagster", "job", "launch", "-m", "pipelines.definitions", "-j", "nightly",
         "--config-json", json.dumps(config)],
        cwd=PROJECT, env=environment(home), check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert launched.returncode == 0, launched.stderr


def test_a_crash_of_dagster_is_found_after_the_restart_and_the_night_completes(
    deliveries: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    home = home_with(deliveries, tmp_path)
    launch(home)
    with daemon(home) as process:
        wait_for(lambda: tables_begun(home))
        kill_tree(process)
    assert not home.current.exists()

    with daemon(home):
        wait_for(lambda: home.current.exists() and not is_running(home))

    assert hashes(home) == undisturbed
