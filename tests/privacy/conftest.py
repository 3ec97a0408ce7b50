"""A small operator whose nights ran through Dagster, Data Docs included, with many faults in its deliveries."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from pipelines.engine.home import Home
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise
from tests.revealed import revealed

FIRST, LAST, NEXT = date(2026, 2, 1), date(2026, 2, 2), date(2026, 2, 3)


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Deliveries from FIRST to NEXT, closed up to LAST. Copied, never changed."""
    from pipelines.definitions import defs

    home = Home(tmp_path_factory.mktemp("protected")).prepared()
    synthesise(Settings(subscribers=150, days=3, end=NEXT, seed=3, faults="heavy", out=home.root))
    config = {"home": str(home.root), "from_day": str(FIRST), "to_day": str(LAST)}
    with dg.DagsterInstance.local_temp(str(home.dagster)) as instance:
        done = (
            defs()
            .resolve_job_def("nightly")
            .execute_in_process(
                instance=instance, run_config={"resources": {"night": {"config": config}}}, raise_on_error=False
            )
        )
    assert home.current.exists(), [event.message for event in done.get_step_failure_events()]
    return home


@pytest.fixture
def home(ran: Home, tmp_path: Path) -> Iterator[Home]:
    """A copy that a test may change."""
    copy = tmp_path / "home"
    shutil.copytree(ran.root, copy, symlinks=True)
    yield Home(copy)
    shutil.rmtree(copy)


@pytest.fixture(scope="session")
def known(ran: Home) -> dict[str, dict[int, str]]:
    """What the vault knows: domain to key to value."""
    return revealed(ran)
