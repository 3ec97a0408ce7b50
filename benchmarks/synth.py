"""How fast the synthetic operator is: usage events per second before encoding, and written rows per second and format.

python -m benchmarks.synth --subscribers 100000 --days 2
"""

import argparse
import resource
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.line import Line
from pipelines.synthetic.settings import Settings
from pipelines.synthetic.synth import synthesise


def lines(folder: Path, subscribers: int = 100_000) -> list[Line]:
    """The lines of the benchmark table: two days of an operator."""
    report = synthesise(Settings(subscribers=subscribers, days=2, end=date(2026, 3, 31), out=folder))
    made = [Line("synthetic usage, before encoding", report.events, "events", report.generating_seconds)]
    for form, tally in report.tallies.items():
        made.append(Line(f"synthetic operator: {form.value}", tally.rows, "rows", tally.seconds))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 3, 31))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", choices=("none", "default", "heavy"), default="default")
    parser.add_argument("--files-per-day", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(**vars(given), out=Path(folder))
        for line in synthesise(settings).lines():
            print(line)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory         {peak_kb / 1e6:>12,.2f} GB")


if __name__ == "__main__":
    main()
