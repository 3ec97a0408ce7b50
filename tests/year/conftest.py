"""One operator of 2,500 subscribers with 14 months behind it, closed in one pass: what takes a year to be seen."""

import os
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks.detectors import operate
from pipelines.engine.home import Home

SUBSCRIBERS = 2_500


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Built once, also when several test processes run."""
    root = Path(os.environ.get("BASSLINE_YEAR_HOME", tmp_path_factory.getbasetemp().parent / "year"))
    root.mkdir(parents=True, exist_ok=True)
    done = root / "done"
    with FileLock(root.with_suffix(".lock")):
        if not done.exists():
            operate(root, SUBSCRIBERS)
            done.touch()
    return Home(root)
