"""A small operator whose nights ran through Dagster, with many faults in its deliveries."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from filelock import FileLock

from pipelines.engine.expect import docs_command
from pipelines.engine.home import PROJECT, Home
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise
from tests.connect.conftest import shop  # noqa: F401 - a fixture
from tests.revealed import revealed

FIRST, LAST, NEXT = date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 3)


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Deliveries from FIRST to NEXT, closed up to LAST. Made once for all test processes, never changed."""
    home = Home(tmp_path_factory.getbasetemp().parent / "protected")
    with FileLock(f"{home.root}.lock"):
        if not (home.root / "done").exists():
            shutil.rmtree(home.root, ignore_errors=True)
            run_operator(home.prepared())
            start_pages(home)
            (home.root / "done").touch()
    return home


def run_operator(home: Home) -> None:
    from pipelines.definitions import defs

    synthesise(Settings(subscribers=150, days=3, end=NEXT, seed=3, faults="heavy", out=home.root))
    config = {"home": str(home.root), "from_day": str(FIRST), "to_day": str(LAST)}
    job = defs().resolve_job_def("nightly")
    steps = [node.name for node in job.nodes if node.name not in ("quality__data_docs", "operations__dagster_history")]
    with dg.DagsterInstance.local_temp(str(home.dagster)) as instance:
        done = job.execute_in_process(
            instance=instance, run_config={"resources": {"night": {"config": config}}}, op_selection=steps,
            raise_on_error=False,
        )  # fmt: skip
    assert home.current.exists(), [event.message for event in done.get_step_failure_events()]


def start_pages(home: Home) -> None:
    """Data Docs of the night, in the making while tests run, beside the home that they copy; told by `pages.log`."""
    *command, _ = docs_command(home, [path.stem for path in (home.root / "quality").glob("*.json")])
    with home.root.with_name("pages.log").open("w") as log:
        subprocess.Popen([*command, str(home.root.with_name("pages"))], cwd=PROJECT, stdout=log, stderr=log)


@pytest.fixture
def pages(ran: Home) -> Path:
    """The folder of Data Docs, once they are built."""
    for _ in range(3000):
        if str(ran.root.with_name("pages")) in (told := ran.root.with_name("pages.log").read_text()):
            return ran.root.with_name("pages")
        time.sleep(0.1)
    raise AssertionError(f"the pages were not built: {told}")


@pytest.fixture
def home(ran: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy that a test may change; its published file names its own folder."""
    copy = Home(tmp_path / "home")
    shutil.copytree(ran.root, copy.root, symlinks=True)
    copy.current.chmod(0o600)
    with duckdb.connect(copy.current.resolve()) as db:
        for (view,) in db.execute("select sql from duckdb_views() where not internal").fetchall():
            moved = view.replace(str(ran.root), str(copy.root))
            db.execute(moved.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    yield copy
    shutil.rmtree(copy.root)


@pytest.fixture(scope="session")
def known(ran: Home) -> dict[str, dict[int, str]]:
    """What the vault knows: domain to key to value."""
    return revealed(ran)
