"""One operator of 2,000 subscribers, 45 nights one by one with default faults, while an analyst keeps reading."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from pipelines.engine.home import Home
from pipelines.engine.night import run_nights
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

LAST = date(2026, 3, 31)
NIGHTS = 45
FIRST = LAST - timedelta(days=NIGHTS - 1)


@dataclass(frozen=True)
class Operator:
    """A home whose nights have run, and what a reader saw meanwhile."""

    home: Home
    statuses: dict[str, str]
    reader: dict[str, int | list[str]]

    @property
    def truth(self) -> Path:
        return self.home.root / "truth"


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """Built once, also when several test processes run."""
    root = Path(os.environ.get("BASSLINE_PROOF_HOME", tmp_path_factory.getbasetemp().parent / "operator"))
    root.mkdir(parents=True, exist_ok=True)
    done = root / "done.json"
    with FileLock(root.with_suffix(".lock")):
        if not done.exists():
            done.write_text(json.dumps(run_operator(Home(root))))
    told = json.loads(done.read_text())
    return Operator(Home(root), told["statuses"], told["reader"])


def run_operator(home: Home) -> dict[str, object]:
    # Of this seed every kind of fault befalls so few nights.
    synthesise(Settings(subscribers=2_000, days=NIGHTS, end=LAST, seed=10, faults="default", out=home.root))
    statuses = {}
    stop = home.root / "stop"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.reader", str(home.current), str(stop)], stdout=subprocess.PIPE, text=True
    ) as reader:
        try:
            for day in (FIRST + timedelta(days=n) for n in range(NIGHTS)):
                report = run_nights(home, day, day)
                statuses[str(day)] = report.status if report.published else str([f.message for f in report.failures])
            stop.touch()
            saw, _ = reader.communicate(timeout=60)
        finally:
            reader.kill()
    return {"statuses": statuses, "reader": json.loads(saw)}


@pytest.fixture
def copy_of_home(operator: Operator, tmp_path: Path) -> Generator[Home]:
    """The whole home again, to be written in: tests in another process may be reading the first."""
    home = Home(tmp_path / "copy")
    shutil.copytree(operator.home.root, home.root)
    yield home
    shutil.rmtree(home.root)


@pytest.fixture
def copy_of_landing(operator: Operator, tmp_path: Path) -> Generator[Home]:
    """A fresh home with the same deliveries."""
    home = Home(tmp_path / "twin")
    shutil.copytree(operator.home.landing, home.landing, copy_function=os.link)
    yield home
    shutil.rmtree(home.root)
