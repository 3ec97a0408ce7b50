"""What a night costs: seconds, floor, peak memory, rows; and whether the cost grows with the history behind it.

`python -m benchmarks.night large` closes a day of 1,000,000 subscribers after ten days of history;
`python -m benchmarks.night flat` compares night 10 with night 60 at 100,000 subscribers.
Every measured night runs in a process of its own, so that its peak memory is its own.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.line import Line
from pipelines.engine.home import PROJECT, Home
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise

LAST = date(2026, 3, 31)
NIGHT = """
import json, resource, sys
from datetime import date
from pathlib import Path
from pipelines.engine.home import Home
from pipelines.engine.night import run_nights
report = run_nights(Home(Path(sys.argv[1])), date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
ingest = report.ingest
print(json.dumps({
    "status": report.status, "seconds": report.seconds, "floor": report.statement_seconds,
    "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    "rows": sum(outcome.rows for outcome in ingest.outcomes),
    "failures": [f.message for f in report.failures if f.blocking],
    "slowest": sorted(((round(t.seconds, 2), t.table) for t in report.tables), reverse=True)[:8],
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
    slowest: list[tuple[float, str]]


def night(home: Home, first: date, last: date) -> Measured:
    done = subprocess.run(
        [sys.executable, "-c", NIGHT, str(home.root), str(first), str(last)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the night of {last} broke off:\n{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def operator(folder: Path, subscribers: int, days: int) -> Home:
    synthesise(
        Settings(subscribers=subscribers, days=days, end=LAST, seed=1, faults="default", out=folder, files_per_day=24)
    )
    return Home(folder)


def large(folder: Path, subscribers: int = 1_000_000) -> list[tuple[str, Measured]]:
    """Ten days of history in one pass, then the measured night."""
    home = operator(folder, subscribers, 11)
    history = night(home, LAST - timedelta(days=10), LAST - timedelta(days=1))
    return [("10 days in one pass", history), (f"night of {subscribers:,} subscribers", night(home, LAST, LAST))]


def flat(folder: Path, subscribers: int = 100_000) -> list[tuple[str, Measured]]:
    """Nights 10 and 60 on the same daily volume."""
    home = operator(folder, subscribers, 60)
    first = LAST - timedelta(days=59)
    found = [("nights 1 to 9 in one pass", night(home, first, first + timedelta(days=8)))]
    found.append(("night 10", night(home, first + timedelta(days=9), first + timedelta(days=9))))
    found.append(("nights 11 to 59 in one pass", night(home, first + timedelta(days=10), LAST - timedelta(days=1))))
    return [*found, ("night 60", night(home, LAST, LAST))]


def lines(folder: Path, kind: str, *size: int) -> list[Line]:
    """The lines of the benchmark table. A night that published nothing is no measurement."""
    found = {"large": large, "flat": flat}[kind](folder, *size)
    for name, m in found:
        if m.status != "published":
            raise SystemExit(f"{kind}: {name} published nothing: {'; '.join(m.failures)}")
    made = [Line(name, m.rows, "rows", m.seconds, floor=m.floor, peak_gb=m.peak_gb) for name, m in found]
    if kind == "flat":
        made.append(Line("night 60 / night 10", note=f"{found[-1][1].seconds / found[1][1].seconds:.2f}"))
    return made


def show(title: str, rows: list[tuple[str, Measured]]) -> None:
    table = Table(
        "night", "status", "rows ingested", "seconds", "DuckDB floor s", "night / floor", "peak GB", title=title
    )
    for name, m in rows:
        table.add_row(
            name, m.status, f"{m.rows:,}", f"{m.seconds:.1f}", f"{m.floor:.1f}", f"{m.seconds / m.floor:.2f}",
            f"{m.peak_gb:.2f}",
        )  # fmt: skip
    console = Console()
    console.print(table)
    for name, m in rows:
        console.print(f"{name}: slowest tables {m.slowest}")
        for failure in m.failures:
            console.print(f"  failed: {failure}")


def main(kind: str, *size: str) -> None:
    with tempfile.TemporaryDirectory(dir=PROJECT / "data") as folder:
        rows = {"large": large, "flat": flat}[kind](Path(folder), *map(int, size))
        show(f"Nights: {kind}", rows)
        if kind == "flat":
            Console().print(f"night 60 / night 10: {rows[-1][1].seconds / rows[1][1].seconds:.2f}")


if __name__ == "__main__":
    (PROJECT / "data").mkdir(exist_ok=True)
    main(*sys.argv[1:])
