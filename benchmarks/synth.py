"""How fast the synthetic operator is: usage events per second before encoding, written rows per second and format."""

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
