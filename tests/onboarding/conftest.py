"""The deliveries of a small operator without faults: every format that source systems write."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise
from tests.connect.conftest import database, mariadb, postgresql, shop  # noqa: F401 - fixtures

LAST = date(2026, 2, 3)


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 subscribers, six days around the first of a month; the folder `landing`."""
    root = tmp_path_factory.mktemp("landed")
    synthesise(Settings(subscribers=300, days=6, end=LAST, faults="none", out=root))
    return root / "landing"
