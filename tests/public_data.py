"""Public data sets that tests read where they are; in continuous integration they must be there."""

import os
from pathlib import Path

import pytest

from pipelines.engine.home import PROJECT

DATA = Path(os.environ.get("BASSLINE_TEST_DATA", PROJECT.parent / "shared" / "data"))


def public(name: str) -> Path:
    """A file of the data sets, such as ibm_telco/Telco-Customer-Churn.csv."""
    path = DATA / name
    if not path.exists():
        reason = f"{path} is not there; BASSLINE_TEST_DATA names the folder of the public data sets"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
