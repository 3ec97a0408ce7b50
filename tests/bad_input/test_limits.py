"""Very many files and very large ones: time per file and memory stay bounded."""

import os
import subprocess
import sys
import time
from pathlib import Path

from pipelines.engine.home import PROJECT, Home
from tests.bad_input.case import NOON, PLAIN
from tests.engine.landed import Installation

FILES, SECONDS_EACH = 1000, 0.02
MEMORY_MB, ROOM_MB = 100, 700  # room for Python, its libraries and the 32 MB buffers of the reader
INGEST = """
import sys
from datetime import date
from pathlib import Path
from benchmarks.line import peak_gb
from pipelines.engine.contract import load_contracts
from pipelines.engine.home import Home
from pipelines.engine.ingest import ingest
root = Path(sys.argv[1])
day = date(2026, 1, 5)
report = ingest(Home(root), load_contracts(root / "sources"), as_of=day, not_before=day, run_id="run-1")
(outcome,) = report.outcomes
print(outcome.status, outcome.rows, int(peak_gb() * 1024))
"""


def site(root: Path) -> Installation:
    return Installation(Home(root).prepared(), {"note": PLAIN | {"files": "note_{date}_{part}.csv"}}, manifest="none")


def landed(site: Installation, name: str, content: str) -> None:
    path = site.landing / name
    path.write_text(content)
    os.utime(path, (NOON, NOON))


def test_71_a_thousand_tiny_files_cost_little_each(tmp_path: Path) -> None:
    installation = site(tmp_path)
    installation.contract["note"]["files"] = "note_{date}.r{redo}.csv"
    for n in range(FILES):
        landed(installation, f"note_20260105.r{n}.csv", f"no,amount,text\n{n},10.50,a\n")
    began = time.perf_counter()
    assert len(installation.ingest().loaded) == FILES
    assert time.perf_counter() - began < FILES * SECONDS_EACH
    assert sorted(installation.lake("no", "note")) == [(n,) for n in range(FILES)]


def test_72_a_file_larger_than_the_memory_is_read_within_it(tmp_path: Path) -> None:
    """A file twice as large as DuckDB's memory, which it has to spill; its buffers are on top of that."""
    installation = site(tmp_path)
    text = "0123456789" * 10
    rows = "".join(f"{n},10.50,{n}{text}\n" for n in range(10_000))
    landed(installation, "note_20260105.csv", "no,amount,text\n" + rows * (2 * MEMORY_MB * 10**6 // len(rows)))
    assert installation.systems  # writes the contract
    done = subprocess.run(
        [sys.executable, "-c", INGEST, str(tmp_path)], capture_output=True, text=True, cwd=PROJECT, check=True,
        env=os.environ | {"BASSLINE_MEMORY": f"{MEMORY_MB}MB"},
    )  # fmt: skip
    status, found, peak_mb = done.stdout.splitlines()[-1].split()
    assert (status, int(found)) == ("loaded", 10_000 * (2 * MEMORY_MB * 10**6 // len(rows)))
    assert int(peak_mb) < MEMORY_MB + ROOM_MB
