"""The benchmarks work: a table of all that is measured, made of little data."""

import subprocess
import sys

from benchmarks.__main__ import PARTS
from pipelines.engine.home import PROJECT


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_the_quick_table_shows_every_measurement() -> None:
    quick = next(line for line in (PROJECT / "Makefile").read_text().splitlines() if "benchmarks ingest=" in line)
    done = bench(*quick.split("benchmarks ")[1].split())

    assert done.returncode == 0, done.stderr
    for line in (
        "bare DuckDB COPY",
        "ingest",
        "before encoding",
        "parquet",
        "gzip csv",
        "night of 300 subscribers",
        "identity: persons",
        "behaviour: all of a month",
        "features: all of six months",
        "learner, score",
        "customers: segments applied",
        "retention: list with controls",
        "targeting: one campaign counted",
    ):
        assert line in done.stdout
    assert "rows/s" in done.stdout and "events/s" in done.stdout


def test_a_part_that_is_none_is_refused() -> None:
    assert f"'largest=300' is none of {', '.join(PARTS)}, or" in bench("largest=300").stderr
