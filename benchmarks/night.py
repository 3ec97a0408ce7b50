"""What a night costs: seconds, floor, peak memory, rows; and whether the cost grows with the history behind it.

`large` closes two days of 1,000,000 subscribers after ten days of history; `flat` compares night 10 with the one two
months later, at 100,000 subscribers. Every measured night runs in a process of its own, so that its peak memory is its
own; its seconds end when the warehouse is closed.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from benchmarks.line import Line
from pipelines.engine.home import PROJECT, Home

LAST = date(2026, 3, 31)
NIGHT = """
import json, sys, time
from datetime import date
from pathlib import Path
from benchmarks.line import peak_gb
from pipelines.engine.home import Home
from pipelines.engine.night import run_nights
began = time.perf_counter()
report = run_nights(Home(Path(sys.argv[1])), date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
ingest = report.ingest
print(json.dumps({
    "status": report.status, "seconds": time.perf_counter() - began, "floor": report.statement_seconds,
    "peak_gb": peak_gb(),
    "rows": sum(outcome.rows for outcome in ingest.outcomes),
    "failures": [f.message for f in report.failures if f.blocking],
}))
"""


@dataclass(frozen=True)
class Measured:
    """One night: wall-clock seconds, seconds inside DuckDB statements, peak resident memory, rows ingested."""

    status: str
    seconds: float
    floor: float
    peak_gb: float
    rows: int
    failures: list[str]


def night(home: Home, first: date, last: date) -> Measured:
    done = subprocess.run(
        [sys.executable, "-c", NIGHT, str(home.root), str(first), str(last)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the night of {last} broke off:\n{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def operator(folder: Path, subscribers: int, days: int, seed: int, end: date = LAST) -> Home:
    """Its deliveries, made by a process of its own: a child's peak memory begins at its parent's."""
    made = (sys.executable, "-m", "pipelines.cli", "synth", "--subscribers", subscribers, "--days", days, "--end", end)
    more = ("--seed", seed, "--faults", "default", "--files-per-day", 24, "--out", folder, "--quiet")
    subprocess.run([*map(str, made + more)], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return Home(folder)


def large(folder: Path, subscribers: int = 1_000_000) -> list[tuple[str, Measured]]:
    """Ten days of history in one pass, then two nights. With this seed the first brings a whole day of calls again; the
    second closes the month, and builds what waits for that."""
    home = operator(folder, subscribers, 12, seed=4)
    before = LAST - timedelta(days=1)
    return [
        ("10 days in one pass", night(home, LAST - timedelta(days=11), before - timedelta(days=1))),
        ("night with a day of calls delivered again", night(home, before, before)),
        (f"night of {subscribers:,} subscribers, the last of a month", night(home, LAST, LAST)),
    ]


def flat(folder: Path, subscribers: int = 100_000) -> list[tuple[str, Measured]]:
    """Night 10 and the same day of the month two months later, so that both keep as much of a month to date."""
    home = operator(folder, subscribers, 69, seed=1, end=date(2026, 4, 9))
    first, tenth, last = date(2026, 1, 31), date(2026, 2, 9), date(2026, 4, 9)
    day = timedelta(days=1)
    return [
        ("nights 1 to 9 in one pass", night(home, first, tenth - day)),
        ("night 10", night(home, tenth, tenth)),
        ("nights 11 to 68 in one pass", night(home, tenth + day, last - day)),
        ("night 69", night(home, last, last)),
    ]


def lines(folder: Path, kind: str, *size: int) -> list[Line]:
    """The lines of the benchmark table. A night that published nothing is no measurement."""
    found = {"large": large, "flat": flat}[kind](folder, *size)
    for name, m in found:
        if m.status != "published":
            raise SystemExit(f"{kind}: {name} published nothing: {'; '.join(m.failures)}")
    made = [Line(name, m.rows, "rows", m.seconds, floor=m.floor, peak_gb=m.peak_gb) for name, m in found]
    if kind == "flat":
        made.append(Line("night 69 / night 10", note=f"{found[-1][1].seconds / found[1][1].seconds:.2f}"))
    return made
