"""An operator of 4,000 subscribers with 14 months behind it, its customer records resolved into parties once."""

import os
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks.identity import deliver, resolve
from pipelines.engine.home import Home


@pytest.fixture(scope="session")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Built once, also when several test processes run."""
    root = Path(os.environ.get("BASSLINE_IDENTITY_HOME", tmp_path_factory.getbasetemp().parent / "identity"))
    with FileLock(root.with_suffix(".lock")):
        if not (root / "done").exists():
            resolve(deliver(root, 4_000, seed=5))
            (root / "done").touch()
    return Home(root)
