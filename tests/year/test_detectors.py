"""Detectors against the truth after a year, on a seed by which no threshold was chosen."""

import pytest
from filelock import FileLock

from benchmarks.detectors import scores
from benchmarks.detectors.score import Score
from pipelines.engine.home import Home

# By score: least precision, least recall, least number of true cases. The large figures are those of `make bench`.
PROMISED = {
    "SIM swaps": (1.0, 1.0, 100),
    "recycled numbers": (1.0, 1.0, 100),
    "copied handset numbers": (1.0, 1.0, 100),
    "port-out: destination told by the clearing house": (1.0, 1.0, 50),
    "unpacked bundles": (0.9, 0.8, 5),
    "unbilled_usage, items and amounts to the cent": (1.0, 1.0, 10),
    "over_billed, items and amounts to the cent": (1.0, 1.0, 10),
    "re-entry": (0.9, 0.75, 20),
    "re-entry, papers hidden": (0.8, 0.6, 20),
    "hidden group: lines": (0.8, 0.0, 50),
}


@pytest.fixture(scope="module")
def found(year: Home) -> dict[str, Score]:
    with FileLock(year.root.with_suffix(".vault")):  # DuckDB lets one process at a time open the vault
        return {score.name: score for score in scores(year.root)}


@pytest.mark.parametrize("name", PROMISED)
def test_a_detector_keeps_its_promise(name: str, found: dict[str, Score]) -> None:
    precision, recall, cases = PROMISED[name]

    assert found[name].true >= cases, found[name].told()
    assert found[name].precision >= precision and found[name].recall >= recall, found[name].told()
